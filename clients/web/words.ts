/**
 * Makes the catalogues of `src/words` into code: every message of a language becomes a text, or a function of what is said in
 * it. So no page parses a message, and each fetches the language alone that it speaks. `src/generated/words.ts` has the types of
 * it, from the English catalogue.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse, type PluralCategory, type Token } from "@messageformat/parser";
import type { Plugin } from "vite";
import { REFUSALS } from "./src/generated/codes.ts";

export const LANGUAGES = ["en", "de", "es", "fr", "ar", "tr"] as const;
/** What the candidate's page says at once, and later; and what a room sees on a wall. */
export const CATALOGUES = ["page", "later", "hall"] as const;
const RIGHT_TO_LEFT: ReadonlySet<string> = new Set(["ar"]);

export interface Tree {
  [name: string]: string | Tree;
}

const root = fileURLToPath(new URL("src/", import.meta.url));
const TYPES = `${root}generated/words.ts`;

export function file(language: string, catalogue: string): string {
  return `${root}words/${language}/${catalogue}.json`;
}

export function read(language: string, catalogue: string): Tree {
  return JSON.parse(readFileSync(file(language, catalogue), "utf8")) as Tree;
}

/** Of these the server says more than their code: which question, how many, until when. */
const EXACT: ReadonlySet<string> = new Set([
  ...["answer_too_long", "attempt_delay", "gaps", "invalid_media", "late_not_taken", "media_full", "not_open_yet", "not_ready", "not_released"],
  ...["section_closed", "section_not_open", "section_order", "too_early", "too_large", "too_many_choices", "wrong_answer_type"],
]);

/** The sentences of refusals. In English those alone that a candidate understands better than the server's own. */
function refusals(language: string): Tree {
  const all = read(language, "refusals");
  if (language !== "en") return all;
  const said: Readonly<Record<string, { sentence: string }>> = REFUSALS;
  return Object.fromEntries(Object.entries(all).filter(([code, sentence]) => !EXACT.has(code) && sentence !== said[code]?.sentence));
}

/** What stands in a module: with the words that are loaded later come the sentences of refusals. */
function content(language: string, catalogue: string): Tree {
  const tree = read(language, catalogue);
  return catalogue === "later" ? { ...tree, refusals: refusals(language) } : tree;
}

/** A message of this language, in its parts. Throws for what ICU does not know, or the language's plurals don't have. */
export function parts(message: string, language: string): Token[] {
  const cardinal = new Intl.PluralRules(language).resolvedOptions().pluralCategories as PluralCategory[];
  return parse(message, { cardinal, ordinal: [], strict: true, strictPluralKeys: true });
}

/** What is said in a message, and of which type it is. */
export function placeholders(tokens: readonly Token[], found: Map<string, string> = new Map()): Map<string, string> {
  for (const token of tokens) {
    if (token.type === "argument") found.set(token.arg, found.get(token.arg) ?? "string | number");
    if (token.type !== "plural" && token.type !== "select") continue;
    const keys = token.cases.map(({ key }) => key);
    found.set(token.arg, token.type === "plural" ? "number" : keys.includes("true") ? "boolean" : "string");
    for (const { tokens: inside } of token.cases) placeholders(inside, found);
  }
  return found;
}

function expression(tokens: readonly Token[]): string {
  if (tokens.length === 0) return '""';
  return tokens
    .map((token) => {
      if (token.type === "content") return JSON.stringify(token.value);
      if (token.type === "argument") return `said(d.${token.arg})`;
      if (token.type !== "plural" && token.type !== "select") throw new Error(`${token.type}: no message has that`);
      const cases = token.cases.map(({ key, tokens: inside }) => `${JSON.stringify(key.replace(/^=/, ""))}: ${expression(inside)}`);
      const rule = token.type === "plural" ? "0, cardinal, " : "";
      return `${token.type}(d.${token.arg}, ${rule}{ ${cases.join(", ")} })`;
    })
    .join(" + ");
}

function object(tree: Tree, leaf: (message: string) => string, mark: string): string {
  const members = Object.entries(tree).map(([name, inside]) => `${name}: ${typeof inside === "string" ? leaf(inside) : object(inside, leaf, mark)}`);
  return `{ ${members.join(mark)} }`;
}

/** The module of a catalogue. */
export function code(tree: Tree, language: string): string {
  const words = object(
    tree,
    (message) => {
      const tokens = parts(message, language);
      return tokens.every(({ type }) => type === "content") ? expression(tokens) : `(d) => ${expression(tokens)}`;
    },
    ", ",
  );
  return [
    `import { plural, select } from "@messageformat/runtime";`,
    `import { ${language} as cardinal } from "@messageformat/runtime/lib/cardinals";`,
    `import { ${RIGHT_TO_LEFT.has(language) ? "amongRightToLeft" : "amongLeftToRight"} as said } from "/src/shared/isolates.ts";`,
    `export default ${words};`,
  ].join("\n");
}

/** The types of all catalogues, as the English one gives them. */
export function types(): string {
  const leaf = (message: string): string => {
    const known = placeholders(parts(message, "en"));
    return known.size === 0 ? "string" : `(d: { ${[...known].map(([name, type]) => `${name}: ${type}`).join("; ")} }) => string`;
  };
  const written = CATALOGUES.map((catalogue) => {
    const name = `${catalogue[0]!.toUpperCase()}${catalogue.slice(1)}Words`;
    const refusals = catalogue === "later" ? " & { refusals: Partial<Record<string, string>> }" : "";
    return `export type ${name} = ${object(read("en", catalogue), leaf, "; ")}${refusals};\n`;
  });
  const languages = `export const LANGUAGES = [${LANGUAGES.map((one) => `"${one}"`).join(", ")}] as const;\nexport type Language = (typeof LANGUAGES)[number];\n`;
  return `// Generated from src/words by \`npm run build\`. Do not edit.\n\n${[languages, ...written].join("\n")}`;
}

/** Where the module of a catalogue is imported from: `words:page/de`. */
const MODULE = /^\0?words:(\w+)\/(\w+)$/;

export const words: Plugin = {
  name: "words",
  buildStart() {
    if (this.meta.watchMode || process.env["VITEST"] === undefined) writeFileSync(TYPES, types());
  },
  resolveId: (id) => (MODULE.test(id) ? `\0${id}` : null),
  load(id) {
    const [, catalogue, language] = MODULE.exec(id) ?? [];
    if (catalogue === undefined || language === undefined) return null;
    this.addWatchFile(file(language, catalogue));
    this.addWatchFile(file(language, "refusals"));
    return code(content(language, catalogue), language);
  },
};
