/** The page runs from right to left in some languages: styles name sides by the direction of reading. */

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const SRC = fileURLToPath(new URL("../../src/", import.meta.url));
const PHYSICAL =
  /(?<![\w-])(?:(?:left|right|(?:scroll-)?(?:margin|padding)-(?:left|right)|border-(?:left|right)(?:-\w+)?|border-(?:top|bottom)-(?:left|right)-radius)\s*:|text-align\s*:\s*(?:left|right)|(?:margin|padding|inset)\s*:\s*(?:var\([^)]*\)|[\w.-]+) ((?:var\([^)]*\)|[\w.-]+)) (?:var\([^)]*\)|[\w.-]+) (?!\1;)(?:var\([^)]*\)|[\w.-]+);)/g;
/** What an author has aligned by hand stays on its side. */
const AUTHORED: ReadonlySet<string> = new Set(["text-align: left", "text-align: right"]);

it("finds the sides that a style names", () => {
  const found = (css: string): number => [...css.matchAll(PHYSICAL)].length;
  expect(["left: 0;", "padding-left: 1rem;", "border-right-color: red;", "text-align: right;", "margin: 0 1rem 0 2rem;", "border-top-left-radius: 0;"].map(found)).toEqual([1, 1, 1, 1, 1, 1]);
  expect(["inset-inline: 0;", "padding-inline-start: 1rem;", "text-align: start;", "margin: 0 1rem 0 1rem;", "--left: 1;", "float: left;"].map(found)).toEqual([0, 0, 0, 0, 0, 0]);
});

it("names no side of the pages", () => {
  const files = ["sit", "monitor", "shared", "styles"].flatMap((folder) => readdirSync(SRC + folder, { recursive: true, encoding: "utf8" }).map((name) => `${folder}/${name}`)).filter((name) => /\.(svelte|css)$/.test(name));
  expect(files.length).toBeGreaterThan(100);
  const named = files.flatMap((name) => {
    const text = readFileSync(SRC + name, "utf8");
    const css = name.endsWith(".css") ? text : [...text.matchAll(/<style>(.*?)<\/style>/gs)].map(([, inside]) => inside).join("\n");
    return [...css.matchAll(PHYSICAL)].map(([found]) => `${name}: ${found}`).filter((found) => !(name === "shared/Body.svelte" && AUTHORED.has(found.split(": ").slice(1).join(": "))));
  });
  expect(named).toEqual([]);
});
