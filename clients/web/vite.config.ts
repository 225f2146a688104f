import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import oldest from "./browsers.json" with { type: "json" };

const page = (name: string): string => fileURLToPath(new URL(`${name}.html`, import.meta.url));
const server = process.env["PENCILSDOWN_DEV_SERVER"] ?? "http://127.0.0.1:8000";
const proxy = {
  "/ws": { target: server, ws: true },
  "/test-attempts": { target: server },
  "/tests": { target: server },
  "/rosters": { target: server },
  "/enrolments": { target: server },
  "/groups": { target: server },
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

/** Puts the addresses of the files of a component that is loaded later in the place of its name (`sit/lazy.svelte.ts`). */
const lazyFiles: Plugin = {
  name: "lazy-files",
  apply: "build",
  generateBundle(_, bundle) {
    const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
    const needs = (chunk: (typeof chunks)[number]): string[] => [
      chunk.fileName,
      ...(chunk.viteMetadata?.importedCss ?? []),
      ...chunks.filter((other) => chunk.imports.includes(other.fileName) && !other.isEntry).flatMap(needs),
    ];
    const filesOf = (component: string): string => {
      const chunk = chunks.find(({ isDynamicEntry, facadeModuleId }) => isDynamicEntry && facadeModuleId?.endsWith(`/sit/${component}.svelte`));
      if (chunk === undefined) throw new Error(`${component} is not loaded later, or not at all`);
      return [...new Set(needs(chunk))].map((file) => `/${file}`).join(" ");
    };
    for (const chunk of chunks) chunk.code = chunk.code.replace(/files-of:(\w+)/g, (_found, component: string) => filesOf(component));
  },
};

export default defineConfig({
  plugins: [svelte(), lazyFiles, brotli],
  server: { proxy },
  preview: { proxy },
  build: {
    // Nothing is inlined: the pages run under `script-src 'self'; style-src 'self'; img-src 'self'`.
    assetsInlineLimit: 0,
    // The oldest browsers that the pages promise to work in; tests/built parses what comes out.
    target: Object.entries(oldest).map(([name, version]) => `${name}${version}`),
    modulePreload: { polyfill: false },
    rolldownOptions: { input: { sit: page("sit"), monitor: page("monitor"), lost: page("lost") } },
  },
  test: {
    include: ["tests/**/*.test.ts"],
    environment: "node",
    // To load all modules anew for each file took two thirds of the time.
    pool: "threads",
    isolate: false,
    restoreMocks: true,
    unstubGlobals: true,
  },
});
