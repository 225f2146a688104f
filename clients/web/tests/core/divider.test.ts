import { expect, it } from "vitest";
import { moved, readShare, shareAt } from "../../src/core/divider";

it("moves by keys, in the direction of the text, and not beyond its ends", () => {
  expect(["ArrowRight", "ArrowLeft", "Home", "End", "Tab", "ArrowUp"].map((key) => moved(50, key, false))).toEqual([55, 45, 25, 75, null, null]);
  expect(["ArrowRight", "ArrowLeft"].map((key) => moved(50, key, true))).toEqual([45, 55]);
  expect([moved(75, "ArrowRight", false), moved(25, "ArrowLeft", false)]).toEqual([75, 25]);
});

it("follows a pointer", () => {
  expect([shareAt(300, 1_000, false), shareAt(300, 1_000, true), shareAt(-50, 1_000, false), shareAt(5, 0, false)]).toEqual([30, 70, 25, 50]);
});

it.each([[null, 50], ["", 50], ["x", 50], ["40", 40], ["900", 75], ["-3", 25], ["Infinity", 50]])("reads %j as %i", (text, share) => {
  expect(readShare(text)).toBe(share);
});
