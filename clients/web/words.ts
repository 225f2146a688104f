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
/** What is fetched together, and of which files it is made: what the candidate's page says at once, and later; what a room sees on a wall; what staff find first; what they read in a room, at once and later; why something was refused them. */
export const CATALOGUES = {
  page: ["page"],
  later: ["later"],
  hall: ["hall"],
  home: ["home"],
  monitor: ["room", "office", "people", "marks"],
  refused: ["refused"],
  looks: ["live", "report", "timeline", "preview", "late"],
} as const;
type Catalogue = keyof typeof CATALOGUES;
/** Every file of a language but its refusals. `early` stands in the candidate's page itself (`vite.config.ts`). */
export const FILES: readonly string[] = [...Object.values(CATALOGUES).flat(), "early"];
export const RIGHT_TO_LEFT: ReadonlySet<string> = new Set(["ar"]);

export interface Tree {
  [name: string]: string | Tree;
}

const root = fileURLToPath(new URL("src/", import.meta.url));
const TYPES = `${root}generated/words.ts`;

export function file(language: string, name: string): string {
  return `${root}words/${language}/${name}.json`;
}

export function read(language: string, name: string): Tree {
  return JSON.parse(readFileSync(file(language, name), "utf8")) as Tree;
}

/** Of several files each is a group: about one thing that staff do. */
function gather(language: string, catalogue: Catalogue): Tree {
  const files: readonly string[] = CATALOGUES[catalogue];
  return files.length === 1 ? read(language, catalogue) : Object.fromEntries(files.map((name) => [name, read(language, name)]));
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

/** Refusals as staff read them: in English as the server says them, in other languages beside that. */
function refused(language: string): Tree {
  const own = read(language, "refused");
  if (language === "en") return {};
  return Object.fromEntries(Object.entries(read("en", "refused")).map(([code, said]) => [code, { said, here: own[code] ?? "" }]));
}

/** What stands in a module: with the words that are loaded later come the sentences of refusals. */
function content(language: string, catalogue: Catalogue): Tree {
  if (catalogue === "refused") return refused(language);
  const tree = gather(language, catalogue);
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

/** The types of all catalogues, as the English one gives them: a message a line, so that two who add one each do not meet. */
export function types(): string {
  const leaf = (message: string): string => {
    const known = placeholders(parts(message, "en"));
    return known.size === 0 ? "string" : `(d: { ${[...known].map(([name, type]) => `${name}: ${type}`).join("; ")} }) => string`;
  };
  const written = (Object.keys(CATALOGUES) as Catalogue[]).map((catalogue) => {
    const name = `${catalogue[0]!.toUpperCase()}${catalogue.slice(1)}Words`;
    if (catalogue === "refused") return `export type ${name} = Partial<Record<string, { said: string; here: string }>>;\n`;
    const refusals = catalogue === "later" ? " & { refusals: Partial<Record<string, string>> }" : "";
    return `export type ${name} = ${object(gather("en", catalogue), leaf, ";\n")}${refusals};\n`;
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
    for (const name of [...CATALOGUES[catalogue as Catalogue], "refusals"]) this.addWatchFile(file(language, name));
    return code(content(language, catalogue as Catalogue), language);
  },
};
