import { expect, it } from "vitest";
import { optionKey, readHeld } from "../../src/core/held-by-tools";

it("reads what was kept", () => {
  const held = { notes: "n", struck: [optionKey("q", "r", "a")], sums: [{ typed: "1", result: "1" }], marked: { "question q": [[1, 2] as const] } };
  expect(readHeld(JSON.stringify(held))).toEqual(held);
});

it.each([null, "", "nonsense", "[]", '"text"', "null", '{"notes": 1}'])("takes %j for nothing", (text) => {
  expect(readHeld(text)).toEqual({ notes: "", struck: [], sums: [], marked: {} });
});

it("keeps apart options of the same id in other places", () => {
  expect(new Set([optionKey("a", "b", "c"), optionKey("a b", "", "c"), optionKey("a", "b c", "")]).size).toBe(3);
});
