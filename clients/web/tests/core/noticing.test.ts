import { describe, expect, it } from "vitest";
import { isSmall, Noticing, Rhythm } from "../../src/core/noticing";
import { PAGE_SIGNALS, SIGNALS, type PageSignal } from "../../src/generated/signals";

const never = (): boolean => false;
const watching = (...signals: PageSignal[]): Noticing => new Noticing(new Set(signals));

describe("what a page notices", () => {
  it("is said at once, and then summed up for ten seconds", () => {
    const noticing = watching("focus_lost");
    noticing.notice("focus_lost", 1);
    expect(noticing.take(1_000, never)).toEqual([{ signal: "focus_lost", count: 1, size: 0 }]);
    noticing.notice("focus_lost", 0, 400.4);
    noticing.notice("focus_lost", 1);
    noticing.notice("focus_lost", 0, 99.6);
    expect(noticing.take(10_999, never)).toEqual([]);
    expect(noticing.waits).toBe(true);
    expect(noticing.take(11_000, never)).toEqual([{ signal: "focus_lost", count: 1, size: 500 }]);
    expect(noticing.waits).toBe(false);
  });

  it("waits while an earlier word of the same is under way, however long that takes", () => {
    const noticing = watching("pasted", "copied");
    for (let at = 0; at < 3; at++) noticing.notice("pasted", 1, 10);
    noticing.notice("copied", 1, 3);
    expect(noticing.take(0, (signal) => signal === "pasted")).toEqual([{ signal: "copied", count: 1, size: 3 }]);
    expect(noticing.take(900_000, never)).toEqual([{ signal: "pasted", count: 3, size: 30 }]);
  });

  it("is nothing where nobody watches for it", () => {
    const noticing = watching("cut");
    noticing.notice("copied", 1, 5);
    expect(noticing.waits).toBe(false);
  });

  it("says keystrokes once a minute, and how many were too fast", () => {
    const noticing = watching("keystrokes");
    const rhythm = new Rhythm();
    for (const at of [0, 100, 119, 138, 400]) noticing.notice("keystrokes", 1, Number(rhythm.isFast(at)));
    expect(noticing.take(0, never)).toEqual([{ signal: "keystrokes", count: 5, size: 2 }]);
    noticing.notice("keystrokes", 1, 0);
    expect(noticing.take(59_999, never)).toEqual([]);
    expect(noticing.take(60_000, never)).toHaveLength(1);
  });
});

it("takes a window for small that has less than half of the screen, and no browser that says nothing", () => {
  const screen = { availWidth: 1_000, availHeight: 1_000 };
  expect(isSmall({ outerWidth: 499, outerHeight: 1_000 }, screen)).toBe(true);
  expect(isSmall({ outerWidth: 500, outerHeight: 1_000 }, screen)).toBe(false);
  expect(isSmall({ outerWidth: 0, outerHeight: 0 }, screen)).toBe(false);
});

it("says itself a part of what can be noticed", () => {
  for (const signal of PAGE_SIGNALS) expect(SIGNALS).toContain(signal);
});
