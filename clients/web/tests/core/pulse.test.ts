import { describe, expect, it } from "vitest";
import { LOOK_MS, perMinute, placesInPapers, progressOf, Pulse, stretches, warningsOver } from "../../src/core/pulse";
import { row } from "../made";

const at = (now: number): { now: number; heartbeat_ms: number } => ({ now, heartbeat_ms: 10_000 });
const away = { connection: "offline" } as const;

describe("the pulse of a room", () => {
  it("is a look every half minute, with what has happened since", () => {
    const pulse = new Pulse();
    expect(pulse.look([row("a", { answered: 3 }), row("b", away)], at(0))).toBe(true);
    expect(pulse.look([row("a", { answered: 9 })], at(LOOK_MS - 1))).toBe(false);
    const rows = [row("a", { answered: 5, ...away }), row("b", away), row("new", { answered: 2 }), row("done", { status: "submitted", ...away })];
    expect(pulse.look(rows, at(LOOK_MS))).toBe(true);
    expect(pulse.beats).toEqual([
      { at_ms: 0, sitting: 2, away: 1, urgent: 1, span_ms: null, answers: null, losses: null },
      { at_ms: LOOK_MS, sitting: 3, away: 2, urgent: 2, span_ms: LOOK_MS, answers: 4, losses: 1 },
    ]);
    expect(pulse.beats.map(perMinute)).toEqual([null, 8]);
  });

  it("takes an answer back for none, and not for less than none", () => {
    const pulse = new Pulse();
    pulse.look([row("a", { answered: 3 })], at(0));
    pulse.look([row("a", { answered: 1 })], at(LOOK_MS));
    expect(pulse.beats[1]?.answers).toBe(0);
  });

  it("does not say what lay in a gap, and draws no line over it", () => {
    const pulse = new Pulse();
    for (const now of [0, 1, 2, 8, 9].map((n) => n * LOOK_MS)) pulse.look([row("a", { answered: now })], at(now));
    expect(pulse.beats.map(({ answers }) => answers === null)).toEqual([true, false, false, true, false]);
    expect(stretches(pulse.beats).map((part) => part.length)).toEqual([3, 2]);
  });

  it("outlives a reload, and knows that it was away", () => {
    const pulse = new Pulse();
    pulse.look([row("a")], at(0));
    const again = Pulse.recalled(pulse.kept());
    again.look([row("a", { answered: 7 })], at(LOOK_MS));
    expect(again.beats.map(({ at_ms, answers }) => [at_ms, answers])).toEqual([[0, null], [LOOK_MS, null]]);
    expect(Pulse.recalled('[{"at_ms": 1}, null, "x"]').beats).toEqual([]);
    expect(Pulse.recalled(null).beats).toEqual([]);
  });

  it("keeps no more than twelve hours", () => {
    const pulse = new Pulse();
    for (let n = 0; n < 1_500; n += 1) pulse.look([], at(n * LOOK_MS));
    expect(pulse.beats).toHaveLength(1_440);
    expect(pulse.beats[0]?.at_ms).toBe(60 * LOOK_MS);
  });
});

describe("how far everybody is", () => {
  const rows = [
    row("a", { answered: 0, question_index: 0 }),
    row("b", { answered: 9, question_index: 2 }),
    row("c", { answered: 10, total: 10, question_index: 9, status: "paused" }),
    row("d", { answered: 10, question_index: 9, status: "completed" }),
    row("not begun", { status: "initiated", total: 0 }),
    row("void", { status: "cancelled", answered: 5 }),
  ];

  it("is told in tenths of the papers", () => {
    const bins = progressOf(rows);
    expect(bins.map(({ from }) => from)).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
    expect(bins.map(({ sitting }) => sitting)).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
    expect(bins.map(({ ended }) => ended)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  });

  it("is told by places in the papers: at each, and so far", () => {
    const places = placesInPapers(rows);
    expect(places.map(({ here }) => here)).toEqual([1, 0, 1, 0, 0, 0, 0, 0, 0, 1]);
    expect(places.map(({ come }) => come)).toEqual([4, 3, 3, 2, 2, 2, 2, 2, 2, 2]);
    expect(placesInPapers([])).toEqual([]);
  });
});

it("counts formal warnings by their instants", () => {
  const warning = (at_ms: number): { at_ms: number; reason: string; seen: boolean } => ({ at_ms, reason: "talks", seen: false });
  const rows = [row("a", { warnings: [warning(99), warning(100), warning(119)] }), row("b", { warnings: [warning(120), warning(140)] }), row("c")];
  expect(warningsOver(rows, 100, 20, 2)).toEqual([2, 1]);
});
