import { describe, expect, it } from "vitest";
import { criteriaOf, levelAt, levelsOf, mostOf, sumOf } from "../../src/core/rubric";
import { RUBRIC } from "../made";

const [argument] = RUBRIC;

describe("marking by a rubric", () => {
  it("comes to the sum once each criterion has its level", () => {
    expect(sumOf(RUBRIC, {})).toBeNull();
    expect(sumOf(RUBRIC, { Argument: 3_000 })).toBeNull();
    expect(sumOf(RUBRIC, { Argument: 0, constructor: 0 })).toBe(0);
    expect(sumOf(RUBRIC, { Argument: 3_000, constructor: 2_000 })).toBe(5_000);
    expect(mostOf(RUBRIC)).toBe(5_000);
  });

  it("tells what was chosen in the order of the rubric", () => {
    expect(criteriaOf(RUBRIC, { constructor: 0, Argument: 3_000 })).toEqual([
      { name: "Argument", score_mpt: 3_000 },
      { name: "constructor", score_mpt: 0 },
    ]);
    expect(criteriaOf(RUBRIC, {})).toEqual([]);
  });

  it("shows the levels that a mark was made of, and none where there is none", () => {
    const given = [
      { name: "Argument", score_mpt: 1_500 },
      { name: "constructor", score_mpt: 2_000 },
      { name: "Length", score_mpt: 0 },
    ];
    expect(levelsOf(RUBRIC, given)).toEqual({ constructor: 2_000 });
  });

  it("knows a level by the number of its place", () => {
    expect(["1", "2", "3", "0", "a", "Enter"].map((key) => levelAt(argument!, key))).toEqual([0, 3_000, null, null, null, null]);
  });
});
