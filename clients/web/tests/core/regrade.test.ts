import { describe, expect, it } from "vitest";
import { gradesOf, scoresOf, signedPoints } from "../../src/core/regrade";
import type { MarkChange } from "../../src/generated/rest";

const change = (fields: Partial<MarkChange>): MarkChange => ({
  attempt_id: "a",
  user_id: "ada",
  before_mpt: 12_500,
  after_mpt: 13_500,
  before_max_mpt: 40_000,
  after_max_mpt: 40_000,
  before_grade: null,
  after_grade: null,
  ...fields,
});

describe("a change", () => {
  it.each([
    [1_500, "+1.5"],
    [-2_000, "−2"],
    [0, "0"],
  ])("of %i thousandths has its sign", (mpt, text) => {
    expect(signedPoints(mpt)).toBe(text);
  });

  it("says what can be reached once, where it stays", () => {
    expect(scoresOf(change({}))).toBe("12.5 → 13.5 of 40");
    expect(scoresOf(change({ after_max_mpt: 41_000 }))).toBe("12.5 of 40 → 13.5 of 41");
  });

  it("says a grade where it changes", () => {
    expect(gradesOf(change({}), "none")).toBeNull();
    expect(gradesOf(change({ before_grade: "B", after_grade: "B" }), "none")).toBeNull();
    expect(gradesOf(change({ before_grade: "B", after_grade: "A" }), "none")).toBe("B → A");
    expect(gradesOf(change({ after_grade: "B" }), "none")).toBe("none → B");
  });
});
