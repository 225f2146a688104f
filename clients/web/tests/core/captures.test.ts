import { expect, it, vi } from "vitest";
import { Ending, isDeclined, isEnough, isOutdated, isUnable, saying, sized, stands } from "../../src/core/captures";

const ASKED = { source: "screen", asks: "required", every_ms: 30_000, keep_days: 30, whole_screen: true };
const SAID = { source: "screen", says: "agreed", every_ms: 30_000, keep_days: 30 };

it("takes pictures where she has agreed to what the test asks for now, and nowhere else", () => {
  expect(stands([{ ...SAID, source: "camera", says: "declined" }, SAID], ASKED)).toBe(true);
  for (const other of [{ says: "declined" }, { says: "unable" }, { source: "camera" }, { every_ms: 10_000 }, { keep_days: 7 }]) expect(stands([{ ...SAID, ...other }], ASKED)).toBe(false);
  expect(stands(null, ASKED)).toBe(false);
});

it("knows what else she has said", () => {
  const unable = [{ ...SAID, says: "unable" }];
  expect([isUnable(unable, ASKED), isUnable([SAID], ASKED), isUnable(undefined, ASKED)]).toEqual([true, false, false]);
  const declined = [{ ...SAID, says: "declined", keep_days: 7 }];
  expect([isDeclined(declined, ASKED), isDeclined(declined, { ...ASKED, source: "camera" })]).toEqual([true, false]);
  const other = { ...ASKED, keep_days: 7 };
  expect([isOutdated([SAID], other), isOutdated([SAID], ASKED), isOutdated(unable, other), isOutdated(null, other)]).toEqual([true, false, false, false]);
});

it("puts what she says in place of what she said of the same source", () => {
  const camera = { ...SAID, source: "camera" };
  expect(saying([SAID, camera], ASKED, "declined")).toEqual([camera, { ...SAID, says: "declined" }]);
  expect(saying(null, ASKED, "agreed")).toEqual([SAID]);
});

it("takes a window or a tab for enough where the test does not ask for the whole screen", () => {
  const part = { ...ASKED, whole_screen: false };
  for (const surface of ["window", "browser"]) expect([isEnough(ASKED, surface), isEnough(part, surface)]).toEqual([false, true]);
  for (const surface of ["monitor", undefined]) expect([isEnough(ASKED, surface), isEnough(part, surface)]).toEqual([true, true]);
});

it("says once that a source has ended, until there are pictures again", () => {
  const say = vi.fn();
  const ending = new Ending(say);
  ending.ended();
  ending.ended();
  expect(say).toHaveBeenCalledTimes(1);
  ending.live();
  ending.ended();
  expect(say).toHaveBeenCalledTimes(2);
});

it("waits a minute for a screen to be shared again before it says that it is not", () => {
  vi.useFakeTimers();
  const say = vi.fn();
  const ending = new Ending(say);
  ending.asked(() => true);
  const stop = ending.asked(() => false);
  vi.advanceTimersByTime(59_999);
  stop();
  vi.advanceTimersByTime(1);
  expect(say).not.toHaveBeenCalled();
  ending.asked(() => false);
  vi.advanceTimersByTime(60_000);
  expect(say).toHaveBeenCalledTimes(1);
  vi.useRealTimers();
});

it("makes a picture no larger than it may be, and keeps its form", () => {
  expect(sized(640, 480, 320)).toEqual({ width: 320, height: 240 });
  expect(sized(720, 1_280, 320)).toEqual({ width: 180, height: 320 });
  expect(sized(160, 120, 320)).toEqual({ width: 160, height: 120 });
  expect(sized(10_000, 1, 320)).toEqual({ width: 320, height: 1 });
});
