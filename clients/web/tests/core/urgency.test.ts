import { describe, expect, it } from "vitest";
import { Doubt } from "../../src/core/doubt";
import { doubtMs, isUrgent, patienceMs, retryCapMs } from "../../src/core/urgency";

describe("patience", () => {
  it("shrinks with the time that is left, down to a floor, and not beyond what is usual", () => {
    expect([600_000, 60_000, 20_000, 8_000, 1_000].map((left) => retryCapMs(left, 0, 5_000))).toEqual([5_000, 5_000, 2_500, 1_000, 500]);
    expect([600_000, 60_000, 20_000, 8_000, 1_000].map((left) => patienceMs(left, 0, 10_000))).toEqual([10_000, 10_000, 5_000, 2_000, 1_500]);
    expect([60_000, 8_000, 4_000, 1_000].map((left) => doubtMs(left, 0))).toEqual([2_000, 2_000, 1_000, 500]);
  });

  it("is as usual where nothing closes, or all has closed", () => {
    for (const closing_at of [null, 0, -1]) {
      expect([isUrgent(closing_at, 0), retryCapMs(closing_at, 0, 5_000), patienceMs(closing_at, 0, 10_000)]).toEqual([false, 5_000, 10_000]);
    }
  });
});

describe("doubt", () => {
  it("asks, then calls for a second way, and again only after a while", () => {
    const doubt = new Doubt();
    expect(doubt.next(null, 60_000)).toBeNull();
    expect([doubt.next(0, 60_000), doubt.due(0, 60_000, 999)]).toEqual([1_000, null]);
    expect([doubt.due(0, 60_000, 1_000), doubt.due(0, 60_000, 1_000), doubt.next(0, 60_000)]).toEqual(["ask", null, 2_000]);
    expect([doubt.due(0, 60_000, 2_000), doubt.due(0, 60_000, 2_000), doubt.next(0, 60_000)]).toEqual(["second_way", null, 3_000]);
  });

  it("begins anew with every sign of life", () => {
    const doubt = new Doubt();
    doubt.due(0, 60_000, 1_000);
    expect([doubt.due(1_500, 60_000, 2_000), doubt.next(1_500, 60_000)]).toEqual([null, 2_500]);
  });

  it("only asks while there is time, and once in one silence", () => {
    const doubt = new Doubt();
    expect([doubt.next(0, null), doubt.due(0, null, 4_000), doubt.next(0, null)]).toEqual([4_000, "ask", null]);
  });
});
