import { describe, expect, it } from "vitest";

import { countAnswered, isComplete, overLength, partOf, sendable, textLength, withPart } from "../../src/core/parts";
import { question, typed } from "../made";

const PLAIN = question("q");
const TWO = question("q", { interactions: [typed("city", 5), typed("height", 3)] });

describe("the parts of an answer", () => {
  it("are the answer itself where the question has one interaction", () => {
    expect(partOf(PLAIN, "yes", "answer")).toBe("yes");
    expect(withPart(PLAIN, "yes", "answer", "no")).toBe("no");
    expect(withPart(PLAIN, "yes", "answer", null)).toBeNull();
    expect(partOf(PLAIN, { answer: "yes" }, "answer")).toBeNull();
  });

  it("stand in a record in the order of the paper, without those that were taken back", () => {
    const one = withPart(TWO, null, "height", "5");
    const both = withPart(TWO, one, "city", "Nairobi");
    expect(JSON.stringify(both)).toBe('{"city":"Nairobi","height":"5"}');
    expect(withPart(TWO, both, "height", null)).toEqual({ city: "Nairobi" });
    expect(withPart(TWO, one, "height", null)).toBeNull();
    expect(partOf(TWO, both, "city")).toBe("Nairobi");
    expect(partOf(TWO, "Nairobi", "city")).toBeNull();
    expect(partOf(TWO, both, "toString")).toBeNull();
  });

  it("make a question complete when none is missing", () => {
    expect([countAnswered(TWO, null), countAnswered(TWO, { city: "x" }), countAnswered(TWO, { city: "x", height: " " })]).toEqual([0, 1, 1]);
    expect([isComplete(TWO, { city: "x" }), isComplete(TWO, { city: "x", height: "1" }), isComplete(PLAIN, "x")]).toEqual([false, true, true]);
  });

  it("are measured one by one, and sent without halves of characters", () => {
    expect([overLength(TWO, { city: "abcdef", height: "12345" }), overLength(TWO, { city: "abc" }), overLength(PLAIN, "x".repeat(101))]).toEqual([2, 0, 1]);
    expect(textLength({ city: "abc", height: "12" })).toBe(5);
    expect(sendable({ city: "a\ud83d", height: ["x"] })).toEqual({ city: "a\ufffd", height: ["x"] });
  });
});
