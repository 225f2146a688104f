import { describe, expect, it } from "vitest";
import { area, countScale, dots, line, niceScale, place, rowScale, timeScale } from "../../src/core/plots";

const MINUTE = 60_000;

describe("a scale", () => {
  it("goes from and to round numbers, and has all between", () => {
    expect(niceScale(0, 1)).toEqual({ min: 0, max: 1, ticks: [0, 0.2, 0.4, 0.6, 0.8, 1] });
    expect(niceScale(0, 37).ticks).toEqual([0, 10, 20, 30, 40]);
    expect(niceScale(-0.13, 0.52).ticks).toEqual([-0.2, 0, 0.2, 0.4, 0.6]);
    expect(niceScale(0, 818).ticks).toEqual([0, 200, 400, 600, 800, 1000]);
  });

  it("of a count has whole numbers alone", () => {
    expect(countScale(11).ticks).toEqual([0, 5, 10, 15]);
    expect(countScale(3).ticks).toEqual([0, 1, 2, 3]);
    expect(countScale(0)).toEqual({ min: 0, max: 1, ticks: [0, 1] });
    for (let most = 0; most < 3_000; most += 1) {
      const { max, ticks } = countScale(most);
      expect(max).toBeGreaterThanOrEqual(most);
      expect(ticks.every(Number.isInteger)).toBe(true);
      expect(ticks.length).toBeLessThan(8);
    }
  });

  it("of things in a row has whole numbers, in their middle", () => {
    expect(rowScale(5)).toEqual({ min: 0, max: 5, ticks: [0.5, 1.5, 2.5, 3.5, 4.5] });
    expect(rowScale(180).ticks.map((tick) => tick + 0.5)).toEqual([1, 20, 40, 60, 80, 100, 120, 140, 160, 180]);
    expect(rowScale(0)).toEqual({ min: 0, max: 1, ticks: [0.5] });
  });

  it("is one where all is the same", () => {
    for (const [min, max] of [
      [0, 0],
      [5, 5],
      [7, 3],
    ] as const) {
      const scale = niceScale(min, max);
      expect(scale.max).toBeGreaterThan(scale.min);
      expect(scale.min).toBeLessThanOrEqual(min);
    }
  });

  it("has every value that it was made for", () => {
    for (let n = 0; n < 500; n += 1) {
      const [a, b] = [(n * 7919) % 1009, ((n * 104_729) % 5003) / 7];
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      const scale = niceScale(low, high);
      expect(scale.min).toBeLessThanOrEqual(low + 1e-6);
      expect(scale.max).toBeGreaterThanOrEqual(high - 1e-6);
      expect(scale.ticks.length).toBeLessThan(14);
    }
  });
});

describe("a scale of instants", () => {
  it("has round ticks in the zone of the device", () => {
    const from = Date.UTC(2027, 0, 4, 8, 7);
    const { min, max, ticks } = timeScale(from, from + 100 * MINUTE, 30 * MINUTE);
    expect([min, max]).toEqual([from, from + 100 * MINUTE]);
    expect(ticks.map((at) => ((at + 30 * MINUTE) / MINUTE) % 30)).toEqual(ticks.map(() => 0));
    expect(ticks.length).toBe(3);
  });

  it("spans days, and an instant", () => {
    expect(timeScale(0, 30 * 24 * 60 * MINUTE, 0).ticks.length).toBeLessThan(9);
    expect(timeScale(5, 5, 0)).toEqual({ min: 5, max: MINUTE + 5, ticks: [MINUTE] });
  });
});

describe("what is drawn", () => {
  it("lies where its value is", () => {
    expect(place({ min: 10, max: 20, ticks: [] }, 15, 100, 0)).toBe(50);
  });

  it("is one path", () => {
    const points = [
      [0, 1],
      [2.04, 3.06],
    ] as const;
    expect(line(points)).toBe("M0 1L2 3.1");
    expect(dots(points)).toBe("M0 1h0M2 3.1h0");
    expect(area(points, 9)).toBe("M0 1L2 3.1L2 9L0 9Z");
    expect([line([]), dots([]), area([], 9)]).toEqual(["", "", ""]);
  });
});
