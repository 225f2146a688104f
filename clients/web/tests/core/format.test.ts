import { describe, expect, it } from "vitest";
import { countChars, countWords, formatDuration, formatLeft, formatPoints, wellFormed } from "../../src/core/format";
import { parsePoints } from "../../src/core/points";

describe("formatLeft", () => {
  it.each([
    [0, "0:00"],
    [-5, "0:00"],
    [1, "0:01"],
    [1000, "0:01"],
    [1001, "0:02"],
    [59_999, "1:00"],
    [3_600_000, "1:00:00"],
    [3_909_000, "1:05:09"],
  ])("%i ms is %s", (left, text) => {
    expect(formatLeft(left)).toBe(text);
  });
});

describe("formatDuration", () => {
  it.each([
    [0, "0 seconds"],
    [45_000, "45 seconds"],
    [60_000, "1 minute"],
    [90_000, "1 minute 30 seconds"],
    [300_000, "5 minutes"],
    [5_400_000, "1 hour 30 minutes"],
    [93_600_000, "1 day 2 hours"],
  ])("%i ms is %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

describe("points", () => {
  it.each([
    ["4", 4000],
    ["4.5", 4500],
    ["4,25", 4250],
    ["0.001", 1],
    ["-0.5", -500],
    [" 10 ", 10_000],
  ])("%s is %i thousandths, and back", (text, mpt) => {
    expect(parsePoints(text)).toBe(mpt);
    expect(parsePoints(formatPoints(mpt))).toBe(mpt);
  });

  it.each(["", "--1", "1.2345", "a", "1e3", "."])("%s is none", (text) => {
    expect(parsePoints(text)).toBeNull();
  });
});

it("counts characters as the server does", () => {
  expect(countChars("Zoë 𝄞")).toBe(5);
});

it("mends what no encoding can carry, and nothing else", () => {
  expect(wellFormed("a\ud83db\ude00")).toBe("a\ufffdb\ufffd");
  expect(wellFormed("Zoë 𝄞\0")).toBe("Zoë 𝄞\0");
});

describe("words of a text", () => {
  it.each([
    ["", 0],
    ["  \n ", 0],
    ["One, two – and three.", 4],
    ["it's well-known", 2],
    ["$x = 3$", 2],
    ["日本語 and English", 5],
    ["Übung\u00a0macht", 2],
  ])("%j has %i", (text, count) => expect(countWords(text)).toBe(count));
});
