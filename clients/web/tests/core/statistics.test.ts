import { describe, expect, it } from "vitest";
import { doubtOf, doubtOfOption, formatMean, formatPercent, formatShare, leftOut, reasonOf, statisticsQuery } from "../../src/core/statistics";
import { versionsOf } from "../../src/core/versions";
import type { OptionFigures } from "../../src/generated/rest";

const option = (fields: Partial<OptionFigures>): OptionFigures => ({
  response_id: "answer",
  option_id: "a",
  correct: false,
  chosen: 3,
  chosen_ppm: 300_000,
  upper_ppm: null,
  lower_ppm: null,
  point_biserial_ppm: -100_000,
  ...fields,
});

describe("figures", () => {
  it.each([
    [918_367, "0.92"],
    [-50_000, "−0.05"],
    [-1_000, "0.00"],
    [1_000_000, "1.00"],
  ])("a correlation of %i millionths", (ppm, text) => {
    expect(formatShare(ppm)).toBe(text);
  });

  it.each([
    [500_000, "50 %"],
    [-250_000, "−25 %"],
    [4_999, "0 %"],
    [-4_000, "0 %"],
  ])("a share of %i millionths", (ppm, text) => {
    expect(formatPercent(ppm)).toBe(text);
  });

  it.each([
    [3_500, "3.5"],
    [3_456, "3.46"],
    [-1_250, "−1.25"],
    [-4, "0"],
  ])("%i thousandths of a point", (mpt, text) => {
    expect(formatMean(mpt)).toBe(text);
  });
});

describe("what is missing", () => {
  it("has its reason", () => {
    const missing = [{ figure: "alpha", reason: "papers_differ" as const }];
    expect(reasonOf(missing, "alpha")).toBe("papers_differ");
    expect(reasonOf(missing, "sem")).toBeNull();
  });

  it("is counted where somebody was left out", () => {
    expect(leftOut({ open: 2, unmarked: 0, abandoned: 0, cancelled: 1, absent: 0, later: 0, erased: 0 })).toEqual([
      ["open", 2],
      ["cancelled", 1],
    ]);
  });
});

describe("what asks for a look at the key", () => {
  /** 1 / sqrt(n - 1) */
  const sample = (attempts: number): { attempts: number; standard_error_ppm: number } => ({
    attempts,
    standard_error_ppm: Math.round(1_000_000 / Math.sqrt(attempts - 1)),
  });

  it.each([
    [option({}), null],
    [option({ chosen: 0, point_biserial_ppm: null }), "nobody"],
    [option({ point_biserial_ppm: 202_000 }), "option_better"],
    [option({ point_biserial_ppm: 200_000 }), null],
    [option({ correct: true, point_biserial_ppm: -202_000 }), "key_wrong_way"],
    [option({ correct: true, point_biserial_ppm: -200_000 }), null],
    [option({ correct: true, point_biserial_ppm: 900_000 }), null],
    [option({ correct: true, chosen: 0, point_biserial_ppm: null }), null],
  ])("option %#", (figures, doubt) => {
    expect(doubtOfOption(figures, sample(100))).toBe(doubt);
    expect(doubtOfOption(figures, sample(99))).toBeNull();
  });

  it.each([
    [2, -1_000_000, null],
    [99, -1_000_000, null],
    [100, -201_007, null],
    [100, -201_009, "wrong_way"],
    [100, null, null],
    [100, 900_000, null],
    [10_001, -20_001, "wrong_way"],
  ])("is a question that better candidates answer worse than chance does: of %i, %d", (attempts, corrected_point_biserial_ppm, doubt) => {
    expect(doubtOf({ ...sample(attempts), corrected_point_biserial_ppm })).toBe(doubt);
  });
});

describe("what is asked for", () => {
  it("is everything, or one version or form", () => {
    expect(statisticsQuery("", " ")).toBe("");
    expect(statisticsQuery("2", " north & south ")).toBe("?version=2&form_id=north+%26+south");
  });

  it("is one of the versions, the newest first", () => {
    expect(versionsOf(3)).toEqual([3, 2, 1]);
  });
});
