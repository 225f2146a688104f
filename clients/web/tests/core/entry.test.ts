import { describe, expect, it } from "vitest";
import { asksForCode, endIfStarted, isClosed, passesAt, standing, type Entry } from "../../src/core/entry";
import type { Hindrance } from "../../src/generated/messages";

const MINUTE = 60_000;
const opening = (from_ms: number): Hindrance => ({ code: "not_open_yet", detail: "Not open.", from_ms });
const code: Hindrance = { code: "code_required", detail: "A code.", from_ms: null };
const off: Hindrance = { code: "not_active", detail: "Off.", from_ms: null };
const entry = (given: Partial<Entry>): Entry => ({ duration_ms: null, opens_at_ms: null, closes_at_ms: null, hindrances: [], ...given });

describe("what keeps her from starting", () => {
  it.each([
    [999, 1],
    [1000, 0],
    [1001, 0],
  ])("goes at its instant: %i", (now, left) => {
    expect(standing(entry({ hindrances: [opening(1000)] }), now)).toHaveLength(left);
  });

  it("stays where nobody can tell until when", () => {
    expect(standing(entry({ hindrances: [off] }), Number.MAX_SAFE_INTEGER)).toEqual([off]);
  });

  it("is not the code that she is asked for at the start", () => {
    const asked = entry({ hindrances: [code] });
    expect(standing(asked, 0)).toEqual([]);
    expect(asksForCode(asked)).toBe(true);
    expect(asksForCode(entry({}))).toBe(false);
  });

  it("passes when the last of it does that time takes away", () => {
    expect(passesAt([opening(1000), off, opening(3000)])).toBe(3000);
    expect(passesAt([off])).toBeNull();
  });
});

it.each([
  [99, false],
  [100, true],
  [101, true],
])("is closed from the end of the window on: %i", (now, closed) => {
  expect(isClosed({ closes_at_ms: 100 }, now)).toBe(closed);
});

/** Everybody's time counts from 1000. */
const TOGETHER: Partial<Entry> = { duration_ms: 400, opens_at_ms: 1000, timing: { synchronised: true } };

describe("when it will really end", () => {
  it.each<[Partial<Entry>, number, ReturnType<typeof endIfStarted>]>([
    [{}, 0, null],
    [{ duration_ms: MINUTE }, 5, { at_ms: MINUTE + 5, has_ms: MINUTE, cut: false }],
    [{ closes_at_ms: 500 }, 100, { at_ms: 500, has_ms: 400, cut: false }],
    [{ duration_ms: 400, closes_at_ms: 500 }, 100, { at_ms: 500, has_ms: 400, cut: false }],
    [{ duration_ms: 400, closes_at_ms: 500 }, 101, { at_ms: 500, has_ms: 399, cut: true }],
    [{ duration_ms: 400, closes_at_ms: 500 }, 500, null],
    [{ duration_ms: 400, hindrances: [opening(1000)] }, 0, { at_ms: 1400, has_ms: 400, cut: false }],
    [{ duration_ms: 400, closes_at_ms: 1200, hindrances: [opening(1000)] }, 0, { at_ms: 1200, has_ms: 200, cut: true }],
    [{ duration_ms: 400, closes_at_ms: 1000, hindrances: [opening(1000)] }, 0, null],
    [{ ...TOGETHER, hindrances: [opening(1000)] }, 0, { at_ms: 1400, has_ms: 400, cut: false }],
    [TOGETHER, 1100, { at_ms: 1400, has_ms: 300, cut: false, missing_ms: 100 }],
    [{ ...TOGETHER, closes_at_ms: 1300 }, 1100, { at_ms: 1300, has_ms: 200, cut: true, missing_ms: 100 }],
    [TOGETHER, 1399, { at_ms: 1400, has_ms: 1, cut: false, missing_ms: 399 }],
    [TOGETHER, 1400, null],
  ])("%o at %i", (given, now, end) => {
    expect(endIfStarted(entry(given), now)).toEqual(end);
  });
});
