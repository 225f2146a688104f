import { expect, it } from "vitest";
import { sized, stands } from "../../src/core/camera";

const ASKED = { asks: "required", every_ms: 30_000, keep_days: 30 };
const SAID = { agreed: true, every_ms: 30_000, keep_days: 30 };

it("takes pictures where she has agreed to what the test asks for now, and nowhere else", () => {
  expect(stands(SAID, ASKED)).toBe(true);
  for (const said of [null, undefined, { ...SAID, agreed: false }, { ...SAID, every_ms: 10_000 }, { ...SAID, keep_days: 7 }]) expect(stands(said, ASKED)).toBe(false);
  expect(stands(SAID, null)).toBe(false);
});

it("makes a picture no larger than it may be, and keeps its form", () => {
  expect(sized(640, 480, 320)).toEqual({ width: 320, height: 240 });
  expect(sized(720, 1_280, 320)).toEqual({ width: 180, height: 320 });
  expect(sized(160, 120, 320)).toEqual({ width: 160, height: 120 });
  expect(sized(10_000, 1, 320)).toEqual({ width: 320, height: 1 });
});
