/** What `npm run build` has made, against the oldest browsers that are promised: `browsers.json`. */

import { LANGUAGES } from "../../words";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse, type Node } from "acorn";
import { describe, expect, it } from "vitest";
import oldest from "../../browsers.json";

const root = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const scripts = [...readdirSync(root("dist/assets")).map((name) => `assets/${name}`), "sit-worker.js"].filter((name) => name.endsWith(".js"));

/** Safari 15.6, the oldest of them by its language, knows ECMAScript 2022 but for what `strange` finds. */
const ECMA_VERSION = 2022;

/** Newer than one of the oldest browsers; none of these has a meaning that is older. */
const TOO_NEW = [
  ["toSorted", "toReversed", "toSpliced", "fromAsync", "groupBy", "withResolvers", "getOrInsert"],
  ["isWellFormed", "toWellFormed", "isSubsetOf", "isSupersetOf", "isDisjointFrom", "symmetricDifference"],
  ["Segmenter", "canParse", "randomUUID", "requestIdleCallback", "requestSubmit", "showPicker", "checkVisibility"],
  ["startViewTransition", "setHTMLUnsafe", "moveBefore", "showPopover", "DurationFormat", "Temporal", "Iterator"],
].flat();
const TOO_NEW_OF: Readonly<Record<string, readonly string[]>> = {
  AbortSignal: ["timeout", "any"],
  Promise: ["try"],
  RegExp: ["escape"],
};

interface Anything extends Node {
  [field: string]: unknown;
}

function* nodes(node: Anything): Generator<Anything> {
  yield node;
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (typeof child === "object" && child !== null && "type" in child) yield* nodes(child as Anything);
    }
  }
}

function nameOf(node: unknown): string {
  return String((node as { name?: unknown } | undefined)?.name ?? "");
}

function strange(node: Anything): string | null {
  if (node.type === "StaticBlock") return "a static block";
  if (node.type === "Literal" && "regex" in node) {
    const { pattern, flags } = node["regex"] as { pattern: string; flags: string };
    if (/\(\?<[=!]/.test(pattern) || flags.includes("v")) return `/${pattern}/${flags}`;
  }
  if (node.type !== "MemberExpression") return null;
  const [object, property] = [nameOf(node["object"]), nameOf(node["property"])];
  const found = TOO_NEW.includes(property) || TOO_NEW_OF[object]?.includes(property);
  return found ? `${object}.${property}` : null;
}

describe.each(scripts)("%s", (name) => {
  const source = readFileSync(root(`dist/${name}`), "utf8");

  it("is read by the oldest browsers, and asks for nothing that they lack", () => {
    const tree = parse(source, { ecmaVersion: ECMA_VERSION, sourceType: "module" });
    const found = [...nodes(tree as unknown as Anything)].map(strange).filter((what) => what !== null);
    expect(found).toEqual([]);
  });

  it("makes no code of text, which Trusted Types would stop", () => {
    expect(source).not.toMatch(/\beval\(|new Function\(|\.outerHTML\s*=|insertAdjacentHTML|document\.write/);
    // The one place where the framework makes elements of its own templates goes through its own policy, and so does what is pasted into the editor.
    const sinks = source.match(/\.innerHTML\s*=\s*[^,;]{0,40}/g) ?? [];
    expect(sinks.length).toBeLessThanOrEqual(1);
    if (sinks.length > 0) expect(source).toContain(name.startsWith("assets/RichInput-") ? "ProseMirrorClipboard" : "svelte-trusted-html");
  });
});

it("keeps the whole page, and knows what it consists of", () => {
  const worker = readFileSync(root("dist/sit-worker.js"), "utf8");
  expect(worker).not.toMatch(/shell:|\bimport\b|\bexport\b/);
  const [later = ""] = /\/assets\/later-[\w-]+\.json/.exec(worker) ?? [];
  const kept = JSON.parse(readFileSync(root(`dist${later}`), "utf8")) as Record<string, { text: string }>;
  for (const [address, { text }] of Object.entries(kept)) expect(text).toBe(readFileSync(root(`dist${address}`), "utf8"));
  const addresses = [...Object.keys(kept), ...(worker.match(/\/assets\/[\w.-]+/g) ?? [])];
  const needed = addresses.flatMap((address) => (address.endsWith(".js") ? [...readFileSync(root(`dist${address}`), "utf8").matchAll(/[\w.-]+-[\w-]{8}\.(?:js|css)\b/g)] : []));
  expect(needed.length).toBeGreaterThan(20);
  // Of the languages it has the one that every page can speak; the page keeps another that is spoken, and the editor where it is needed (`io/kept-files.ts`).
  const foreign = new RegExp(`^(?:RichInput|${LANGUAGES.filter((language) => language !== "en").join("|")})-`);
  for (const [name] of needed) if (!foreign.test(name)) expect(addresses).toContain(`/assets/${name}`);
  for (const language of LANGUAGES) expect([language, addresses.filter((address) => address.startsWith(`/assets/${language}-`)).length]).toEqual([language, language === "en" ? 2 : 0]);
});

it.each(LANGUAGES)("says in %s what it takes before any script runs, and has the words of that language in it", (language) => {
  const page = readFileSync(root(language === "en" ? "dist/sit.html" : `dist/sit.${language}.html`), "utf8");
  expect(page).toContain(`<html lang="${language}" dir="${language === "ar" ? "rtl" : "ltr"}">`);
  for (const version of [oldest.chrome, oldest.firefox, oldest.safari]) expect(page).toContain(String(version));
  const [said = ""] = /<script type="module">[^]*?<\/script>/.exec(page) ?? [];
  const words = JSON.parse(readFileSync(root(`src/words/${language}/page.json`), "utf8")) as { further: { title: string } };
  expect(said).toContain(words.further.title);
});

it("is nothing else than what the documents promise", () => {
  expect(scripts.length).toBeGreaterThan(0);
  const { chrome, firefox, safari } = oldest;
  for (const page of ["sit.html", "monitor.html", "staff.html"]) {
    const text = readFileSync(root(`dist/${page}`), "utf8").replace(/\s+/g, " ");
    expect(text).toContain(`Chrome and Edge from version ${chrome}, in Firefox from ${firefox}, and in Safari from ${safari}`);
  }
  const readme = readFileSync(root("README.md"), "utf8").replace(/\s+/g, " ");
  expect(readme).toContain(`Chrome and Edge ${chrome}, Firefox ${firefox}, Safari ${safari}`);
});
