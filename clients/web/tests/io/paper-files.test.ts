import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { keepFiles } from "../../src/io/paper-files";

let server: Server;
let asked: string[];
let base: string;
let ended: AbortController;

beforeEach(async () => {
  [asked, ended] = [[], new AbortController()];
  server = createServer((request, response) => {
    asked.push(request.url ?? "");
    if (request.url === "/broken") response.destroy();
    else if (request.url === "/never") ended.abort();
    else response.end("x");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

it("fetches one file after the other, and leaves out what can't be fetched", async () => {
  await keepFiles("a1", ["/a", "/broken", "/b"].map((path) => base + path), ended.signal);
  expect(asked.filter((path) => path !== "/broken")).toEqual(["/a", "/b"]);
});

it("stops when the paper is put away", async () => {
  await keepFiles("a1", ["/a", "/never", "/b"].map((path) => base + path), ended.signal);
  expect(asked).toEqual(["/a", "/never"]);
});
