import { describe, expect, it } from "vitest";
import { rangeOf } from "../../src/worker/ranges";
import { assetsIn, outworn, wayOf } from "../../src/worker/shell";

describe("what the worker answers", () => {
  it.each([
    ["GET", "navigate", "/sit", "page"],
    ["GET", "navigate", "/sitting", "network"],
    ["GET", "navigate", "/monitor", "network"],
    ["GET", "cors", "/assets/a-1.js", "asset"],
    ["GET", "no-cors", "/media/x/y", "medium"],
    ["POST", "cors", "/media", "network"],
    ["GET", "cors", "/test-attempts/x/paper", "network"],
    ["GET", "cors", "/tests/x/admission", "network"],
  ])("%s %s %s: %s", (method, mode, path, way) => expect(wayOf(method, mode, path)).toBe(way));
});

it("finds the files that a page names", () => {
  expect(assetsIn('<link rel="modulepreload" crossorigin href="/assets/de-1.js"><link href="/assets/a.css"><script src="/assets/b.js"></script><a href="/sit">')).toEqual(["/assets/a.css", "/assets/b.js"]);
});

it("leaves the release before the current one, and what is not a release", () => {
  const names = ["pencilsdown shell 1", "pencilsdown paper a", "pencilsdown shell 2", "pencilsdown shell 3"];
  expect(outworn(names, "pencilsdown shell 3")).toEqual(["pencilsdown shell 1"]);
  expect(outworn(names, "pencilsdown shell 1")).toEqual(["pencilsdown shell 2"]);
  expect(outworn([], "pencilsdown shell 1")).toEqual([]);
});

it.each([
  [null, 10, null],
  ["bytes=0-", 10, [0, 9]],
  ["bytes=2-4", 10, [2, 4]],
  ["bytes=2-40", 10, [2, 9]],
  ["bytes=-3", 10, [7, 9]],
  ["bytes=-30", 10, [0, 9]],
  ["bytes=-0", 10, null],
  ["bytes=-", 10, null],
  ["bytes=10-", 10, null],
  ["bytes=0-1,4-5", 10, null],
] as const)("of %s of %i bytes gives %j", (range, size, part) => expect(rangeOf(range, size)).toEqual(part));
