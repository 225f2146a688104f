import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import type { Plugin, Rolldown } from "vite";
import { defineConfig } from "vitest/config";
import oldest from "./browsers.json" with { type: "json" };
import { LANGUAGES, read, RIGHT_TO_LEFT, words } from "./words.ts";

const page = (name: string): string => fileURLToPath(new URL(`${name}.html`, import.meta.url));
/** The file of what the candidate's page needs at once. */
const FIRST = "sit";
const MAIN = fileURLToPath(new URL("src/sit/main.ts", import.meta.url));
/** The file of what an attempt is carried on with. */
const ENGINE_FILE = "engine";
const ENGINE = fileURLToPath(new URL("src/sit/engine.ts", import.meta.url));
/** The file of what a test is sat with. */
const SITTING = "sitting";
const TEST_VIEW = fileURLToPath(new URL("src/sit/TestView.svelte", import.meta.url));
/** The worker's file, without its ending. */
const WORKER = "sit-worker";
const TYPES: Readonly<Record<string, string>> = { js: "text/javascript", css: "text/css", svg: "image/svg+xml" };
const server = process.env["PENCILSDOWN_DEV_SERVER"] ?? "http://127.0.0.1:8000";
const proxy = {
  "/ws": { target: server, ws: true },
  "/test-attempts": { target: server },
  "/tests": { target: server },
  "/rosters": { target: server },
  "/enrolments": { target: server },
  "/groups": { target: server },
  "/rooms": { target: server },
  "/server": { target: server },
  "/imports": { target: server },
  "/subscriptions": { target: server },
  "/deliveries": { target: server },
  "/sign-in": { target: server },
  "/sign-out": { target: server },
};

/** Writes each file once more in Brotli, which takes too long to be done by the server. */
const brotli: Plugin = {
  name: "brotli",
  apply: "build",
  writeBundle({ dir }, bundle) {
    for (const name of Object.keys(bundle)) {
      const file = join(dir ?? "dist", name);
      writeFileSync(`${file}.br`, brotliCompressSync(readFileSync(file)));
    }
  },
};

/** Puts the addresses of the files of a component (`sit/lazy.svelte.ts`) or of a catalogue that is loaded later in the place of its name. */
const lazyFiles: Plugin = {
  name: "lazy-files",
  apply: "build",
  generateBundle(_, bundle) {
    const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
    const needs = (chunk: (typeof chunks)[number]): string[] => [
      chunk.fileName,
      ...(chunk.viteMetadata?.importedCss ?? []),
      ...chunks.filter((other) => chunk.imports.includes(other.fileName) && !other.isEntry && other.name !== FIRST).flatMap(needs),
    ];
    const filesOf = (name: string): string => {
      const chunk = chunks.find(({ moduleIds }) => moduleIds.some((id) => id === `\0${name}` || id.endsWith(`/sit/${name}.svelte`) || id.endsWith(`/sit/${name}.ts`)));
      if (chunk === undefined) throw new Error(`${name} is not loaded later, or not at all`);
      return [...new Set(needs(chunk))].map((file) => `/${file}`).join(" ");
    };
    for (const chunk of chunks) chunk.code = chunk.code.replace(/files-of:([\w:/]+)/g, (_found, name: string) => filesOf(name));
  },
};

/** Takes the styles that the candidate's page needs at once for its document (`spoken`): a file of them would have its scripts wait for a turn of the network. */
const inlined: Plugin = {
  name: "inlined",
  apply: "build",
  generateBundle: {
    // Before the names of the files of styles are written down anywhere.
    order: "pre",
    handler(_, bundle) {
      const first = Object.values(bundle).find((file) => file.type === "chunk" && file.name === FIRST);
      if (first?.type !== "chunk") throw new Error("there is no first script");
      const names = [...(first.viteMetadata?.importedCss ?? [])];
      styles = names.map((name) => {
        const file = bundle[name];
        if (file?.type !== "asset") throw new Error(`${name} is not there`);
        delete bundle[name];
        return String(file.source).trim();
      });
      first.viteMetadata?.importedCss.clear();
      if (styles.length === 0 || /<\/|url\(/.test(styles.join(""))) throw new Error("there are no styles, or some that can't stand in a document");
    },
  },
};
let styles: string[] = [];

/** What a page keeps itself where it is needed: words of another language than the one that every page can speak, and the editor of rich text. */
const isSeldom = (chunk: Rolldown.OutputChunk | undefined): boolean => /^\0words:\w+\/(?!en$)|\/sit\/RichInput\.svelte$/.test(chunk?.facadeModuleId ?? "");

/**
 * Tells the worker of the candidate's page (`worker/sit-worker.ts`) what the page consists of, and makes one file of all that the page
 * loads later: a request for each of them, from a room that opens the page together, would keep others waiting.
 */
const shell: Plugin = {
  name: "shell",
  apply: "build",
  // The pages' HTML is in the bundle by then.
  generateBundle: {
    order: "post",
    handler(_, bundle) {
      const chunkOf = (name: string): Rolldown.OutputChunk | undefined => {
        const file = bundle[name];
        return file?.type === "chunk" ? file : undefined;
      };
      const worker = Object.values(bundle).find((file) => file.type === "chunk" && file.name === WORKER);
      const html = bundle["sit.html"];
      if (worker?.type !== "chunk" || html?.type !== "asset") throw new Error("there is no page, or no worker for it");
      if (worker.imports.length > 0 || worker.dynamicImports.length > 0) throw new Error("the worker must be one file: old browsers know no modules there");
      const text = String(html.source);
      const soon = [ENGINE_FILE, SITTING].flatMap((name) => {
        const chunk = Object.values(bundle).find((file) => file.type === "chunk" && file.name === name);
        if (chunk?.type !== "chunk") throw new Error(`there is no ${name}`);
        return [chunk.fileName, ...(chunk.viteMetadata?.importedCss ?? [])];
      });
      const needed = [...text.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map(([, name]) => name ?? "");
      const first = new Set([...needed, ...soon]);
      const all = new Set(first);
      for (const name of all) {
        const chunk = chunkOf(name);
        if (isSeldom(chunk)) {
          all.delete(name);
          continue;
        }
        for (const more of chunk === undefined ? [] : [...chunk.imports, ...chunk.dynamicImports, ...(chunk.viteMetadata?.importedCss ?? []), ...(chunk.viteMetadata?.importedAssets ?? [])]) {
          all.add(more);
        }
      }
      const contentOf = (name: string): string => {
        const file = bundle[name];
        if (file === undefined) throw new Error(`${name} is not there`);
        return file.type === "chunk" ? file.code : String(file.source);
      };
      const later = Object.fromEntries([...all].filter((name) => !first.has(name)).map((name) => [`/${name}`, { type: TYPES[name.replace(/.*\./, "")] ?? "", text: contentOf(name) }]));
      if (Object.values(later).some(({ type }) => type === "")) throw new Error(`a file of a kind that the worker can't keep: ${Object.keys(later).join(" ")}`);
      const reference = this.emitFile({ type: "asset", name: "later.json", source: JSON.stringify(later) });
      const release = createHash("sha256").update(text).update([...all].sort().join(" ")).digest("hex").slice(0, 16);
      worker.code = worker.code
        .replace("shell:release", release)
        .replace("shell:first", [...first].map((name) => `/${name}`).join(" "))
        .replace("shell:later", `/${this.getFileName(reference)}`);
    },
  },
};

/** A catalogue as a script in the document, which hands its words to the page (`sit/words.svelte.ts`): a file of them would share the network with the page's own script. */
function saidAtOnce({ fileName, code }: Rolldown.OutputChunk): string {
  const found = /^([^]*)export\{(\w+) as default\};?\s*$/.exec(code);
  if (found === null || /<\//.test(code)) throw new Error(`the words in ${fileName} can't stand in a document`);
  return `${(found[1] ?? "").replaceAll('from"./', 'from"/assets/')}window.words=${found[2]}`;
}

/**
 * Makes the candidate's page in each language (`sit.de.html`): what it says before its scripts run, and the words that they say first. The server
 * gives each browser the one that it asks for.
 */
const spoken: Plugin = {
  name: "spoken",
  apply: "build",
  generateBundle: {
    order: "post",
    handler(_, bundle) {
      const html = bundle["sit.html"];
      if (html?.type !== "asset") throw new Error("there is no page");
      const text = String(html.source);
      const icon = /(?<=<link rel="icon" href="\/)[^"]*/.exec(text)?.[0] ?? "";
      const drawn = bundle[icon];
      if (drawn?.type !== "asset") throw new Error("the page has no icon");
      delete bundle[icon];
      for (const language of LANGUAGES) {
        const [page, early] = [read(language, "page"), read(language, "early")];
        const chunk = Object.values(bundle).find((file) => file.type === "chunk" && file.facadeModuleId === `\0words:page/${language}`);
        if (chunk?.type !== "chunk") throw new Error(`the page has no words in ${language}`);
        const said: [RegExp, unknown][] = [
          [/(?<=<html )lang="en"/, `lang="${language}" dir="${RIGHT_TO_LEFT.has(language) ? "rtl" : "ltr"}"`],
          [/(?<=<title>)[^<]*/, page["title"]],
          [/(?<=<h1>)[^<]*/, page["loading"]],
          [/(?<=<p class="stuck">)[^<]*/, early["tooOld"]],
          [/(?<=<noscript>)[^<]*/, early["noScript"]],
          [/(?<=<link rel="icon" href=")[^"]*/, `data:image/svg+xml,${encodeURIComponent(String(drawn.source))}`],
          [/(?=<\/head>)/, `  <style>${styles.join("")}</style>\n    <script type="module">${saidAtOnce(chunk)}</script>\n  `],
        ];
        const source = said.reduce((made, [where, what]) => {
          if (!where.test(made)) throw new Error(`the page has no place for "${String(what)}"`);
          return made.replace(where, String(what));
        }, text);
        if (language === "en") html.source = source;
        else this.emitFile({ type: "asset", fileName: `sit.${language}.html`, source });
      }
    },
  },
};

/**
 * Puts all that the candidate's page needs before it shows anything, but for its words, into one file, what an attempt is carried on with into a second,
 * and what else she needs to sit a test into a third: also what is imported later as well.
 */
function inOne(id: string, build: { getModuleInfo: (id: string) => Rolldown.ModuleInfo | null }): string | null {
  const all = (roots: readonly string[]): Set<string> => {
    const found = new Set(roots);
    for (const one of found) for (const more of build.getModuleInfo(one)?.importedIds ?? []) found.add(more);
    return found;
  };
  if (all([page(FIRST), MAIN, ...(build.getModuleInfo("\0words:page/en")?.importedIds ?? [])]).has(id)) return FIRST;
  if (all([ENGINE]).has(id)) return ENGINE_FILE;
  return all([TEST_VIEW]).has(id) ? SITTING : null;
}

/**
 * The candidate's page is built by itself (`--mode sit`). Together with the others it would come in twenty files, as it shares modules with
 * them, and on a slow network each file takes a turn.
 */
export default defineConfig(({ mode }) => ({
  plugins: [words, svelte(), lazyFiles, ...(mode === "sit" ? [inlined, shell, spoken] : []), brotli],
  server: { proxy },
  preview: { proxy },
  build: {
    // The pages run under `script-src 'self'; style-src 'self'`. Only the document of the candidate's page has styles and an icon in it: the server names the styles by their hash.
    assetsInlineLimit: 0,
    // The oldest browsers that the pages promise to work in; tests/built parses what comes out.
    target: Object.entries(oldest).map(([name, version]) => `${name}${version}`),
    modulePreload: { polyfill: false },
    emptyOutDir: mode !== "sit",
    rolldownOptions: {
      // Svelte's elements of one's own, which no page has: they would come along as they are made when they are read.
      treeshake: { moduleSideEffects: [{ test: /\/custom-element\.js$/, sideEffects: false }] },
      input: mode === "sit" ? { sit: page("sit"), [WORKER]: fileURLToPath(new URL("src/worker/sit-worker.ts", import.meta.url)) } : { monitor: page("monitor"), staff: page("staff"), lost: page("lost") },
      // A worker is known by its address: that must not change with what is in it.
      output: {
        entryFileNames: ({ name }) => (name === WORKER ? "[name].js" : "assets/[name]-[hash].js"),
        ...(mode === "sit" ? { codeSplitting: { groups: [{ name: inOne, includeDependenciesRecursively: false }] } } : {}),
      },
    },
  },
  test: {
    include: ["tests/**/*.test.ts"],
    setupFiles: ["tests/words.ts"],
    environment: "node",
    // To load all modules anew for each file took two thirds of the time.
    pool: "threads",
    isolate: false,
    restoreMocks: true,
    unstubGlobals: true,
  },
}));
