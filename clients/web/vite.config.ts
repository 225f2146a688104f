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

export default defineConfig({
  plugins: [svelte(), brotli],
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
