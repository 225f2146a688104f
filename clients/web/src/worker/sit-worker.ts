/**
 * Brings the candidate's page up where there is no network: its own files, and the pictures and sounds of papers that a
 * page has kept. Nothing else is answered here: calls and sockets go to the network.
 *
 * With a network the page is always the server's. The kept one is for when the server can't be reached. It is exchanged as a whole
 * with each release: the browser looks for another worker whenever it opens the page.
 */

import { rangeOf } from "./ranges";
import { assetsIn, outworn, PAGE, SHELL, wayOf, type Later } from "./shell";

declare const self: ServiceWorkerGlobalScope;

/** The build puts in: the name of this release, the files that each page loads at first, and the file of all others. */
const CURRENT = `${SHELL}shell:release`;
const FIRST = "shell:first".split(" ");
const LATER = "shell:later";
/** A page that the network does not bring within this time comes from here. */
const PATIENCE_MS = 5_000;

async function install(): Promise<void> {
  const cache = await caches.open(CURRENT);
  const page = await fetched(PAGE, "no-cache");
  const later = (await (await fetched(LATER, "default")).json()) as Later;
  const foreign = assetsIn(await page.clone().text()).filter((address) => !FIRST.includes(address) && !(address in later));
  if (foreign.length > 0) throw new Error(`the page is of another release: ${foreign.join(" ")}`);
  // The page has just loaded these: the browser has them.
  for (const address of FIRST) await cache.put(address, await fetched(address, "default"));
  for (const [address, { type, text }] of Object.entries(later)) {
    await cache.put(address, new Response(text, { headers: { "content-type": type } }));
  }
  await cache.put(PAGE, page);
  await self.skipWaiting();
}

async function fetched(address: string, cache: RequestCache): Promise<Response> {
  const response = await fetch(address, { cache });
  if (!response.ok || response.redirected) throw new Error(`${address}: ${response.status}`);
  return response;
}

async function tidy(): Promise<void> {
  await Promise.all(outworn(await caches.keys(), CURRENT).map((name) => caches.delete(name)));
}

/** The server's page; the kept one where the server can't be reached, or says that it can't serve now. */
async function page(request: Request): Promise<Response> {
  const kept = await caches.match(PAGE, { cacheName: CURRENT });
  if (kept === undefined) return fetch(request);
  const late = new Promise<Response>((resolve) => setTimeout(() => resolve(kept), PATIENCE_MS));
  const current = fetch(request).then(
    (response) => (response.status >= 500 ? kept : response),
    () => kept,
  );
  return Promise.race([current, late]);
}

/** Names of these files change with what is in them: one that is kept is the right one, of whichever release. */
async function asset(request: Request): Promise<Response> {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}

async function medium(request: Request): Promise<Response> {
  const kept = await caches.match(request.url, { ignoreVary: true });
  if (kept === undefined) return fetch(request);
  const range = request.headers.get("range");
  if (range === null) return kept;
  const whole = await kept.blob();
  const part = rangeOf(range, whole.size);
  if (part === null) return new Response(null, { status: 416, headers: { "content-range": `bytes */${whole.size}` } });
  const [first, last] = part;
  const headers = new Headers(kept.headers);
  headers.set("content-range", `bytes ${first}-${last}/${whole.size}`);
  headers.set("content-length", String(last - first + 1));
  return new Response(whole.slice(first, last + 1), { status: 206, headers });
}

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(tidy()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  const way = origin === self.location.origin ? wayOf(request.method, request.mode, pathname) : "network";
  if (way === "page") event.respondWith(page(request));
  if (way === "asset") event.respondWith(asset(request));
  if (way === "medium") event.respondWith(medium(request));
});
