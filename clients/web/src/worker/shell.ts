/** What the worker keeps of the page itself, and which of it goes. Pure. */

export const SHELL = "pencilsdown shell ";
/** The page's address; its scope too. */
export const PAGE = "/sit";

/** Files of the page that it loads later, as one: their texts by address. */
export type Later = Readonly<Record<string, { type: string; text: string }>>;

const HINT = /<link rel="modulepreload"[^>]*>/g;

/** The addresses of files that a page can't do without: not of the words of a language, which it names to have them sooner. */
export function assetsIn(html: string): string[] {
  return [...html.replace(HINT, "").matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, address]) => address ?? "");
}

/** Of the caches there are, in the order of their making, those that no page can need any more: all but `current` and the one before it. */
export function outworn(names: readonly string[], current: string): string[] {
  const others = names.filter((name) => name.startsWith(SHELL) && name !== current);
  return others.slice(0, -1);
}

/** What has to be done with a request. */
export type Way = "page" | "asset" | "medium" | "network";

export function wayOf(method: string, mode: string, path: string): Way {
  if (method !== "GET") return "network";
  if (mode === "navigate") return path === PAGE ? "page" : "network";
  if (path.startsWith("/assets/")) return "asset";
  return path.startsWith("/media/") ? "medium" : "network";
}
