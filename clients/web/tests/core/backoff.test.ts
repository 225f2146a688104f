import { describe, expect, it } from "vitest";
import { backoffMs } from "../../src/core/backoff";

const BACKOFF = { base_ms: 500, cap_ms: 15_000 };

describe("backoffMs", () => {
  it("doubles its ceiling up to the cap", () => {
    const ceilings = [0, 1, 2, 3, 4, 5, 6, 1000].map((tries) => backoffMs(tries, BACKOFF, 0.999_999));
    expect(ceilings).toEqual([499, 999, 1999, 3999, 7999, 14_999, 14_999, 14_999]);
  });

  it("spreads over everything from nothing to the ceiling", () => {
    expect(backoffMs(3, BACKOFF, 0)).toBe(0);
    expect(backoffMs(3, BACKOFF, 0.5)).toBe(2000);
  });
});
