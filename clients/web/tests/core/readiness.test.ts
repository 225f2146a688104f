import { expect, it } from "vitest";
import { readiness, type Found } from "../../src/core/readiness";

const GOOD: Found = { connection: "live", round_trip_ms: 40.4, ahead_ms: -2_000, durable: true, promised: true, shell: true, captures: [] };
const said = (found: Partial<Found>): string[] => readiness({ ...GOOD, ...found }).map(({ says, level }) => `${level} ${says}`);

it("finds a good device ready", () => {
  expect(said({})).toEqual(["good live", "good quick", "good right", "good promised", "good comes"]);
});

it.each<[Partial<Found>, string]>([
  [{ connection: "rest" }, "note rest"],
  [{ round_trip_ms: 1_001 }, "note slow"],
  [{ ahead_ms: 30_001 }, "note fast"],
  [{ ahead_ms: -30_001 }, "note late"],
  [{ promised: false }, "note kept"],
  [{ durable: false, promised: false }, "note nothing"],
  [{ shell: false }, "note stays"],
  [{ captures: [{ source: "camera", able: false, asks: "required" }] }, "note none"],
  [{ captures: [{ source: "screen", able: false, asks: "if_able" }] }, "note without"],
  [{ captures: [{ source: "screen", able: false, asks: "offered" }] }, "note without"],
])("notes %j", (found, note) => {
  expect(said(found)).toContain(note);
  expect(said(found).filter((one) => one.startsWith("note"))).toEqual([note]);
});

it("has a screen to share where the test asks for one", () => {
  expect(said({ captures: [{ source: "screen", able: true, asks: "required" }] })).toContain("good there");
});

it("says nothing of what it does not know yet, nor of the delay of a connection that is not there", () => {
  expect(said({ connection: "waiting", ahead_ms: null, promised: null, shell: null })).toEqual(["note none"]);
});
