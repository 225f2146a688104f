import { describe, expect, it } from "vitest";
import { Fold, type Film } from "../../src/core/timeline";
import { FACT_KINDS } from "../../src/generated/kinds";
import type { LogEntry } from "../../src/generated/rest";
import { happeningText, wordsOf } from "../../src/monitor/timeline/happenings";

type Said = [kind: string, at_ms: number, fact?: Record<string, unknown>, more?: Partial<LogEntry>];

function entry([kind, at_ms, fact = {}, more = {}]: Said, n: number): LogEntry {
  return { seq: n + 1, at_ms, written_at_ms: at_ms, role: "candidate", by: "ada", kind, fact, header: "", digest: "", body: "", hash: "", withheld: false, ...more };
}

function film(said: readonly Said[], now_ms: number | null = null): Film {
  const fold = new Fold();
  said.map(entry).forEach((one) => fold.take(one));
  return fold.film(now_ms);
}

const SITS: readonly Said[] = [
  ["created", 0],
  ["connected", 1_000, { connection_id: "a" }],
  ["started", 2_000, { layout: [[["a", [["o"], ["n"], ["p", [], 5]]], [null, [["m"], ["q"]]]], true] }],
  ["answered", 3_000, { question_id: "q", value: "x" }],
];

describe("what happened to an attempt", () => {
  it("tells how she stood after each record", () => {
    const { standings } = film([
      ...SITS,
      ["answered", 4_000, { question_id: "p", value: null }],
      ["flagged", 4_100, { question_id: "q", flagged: true }],
      ["moved", 4_200, { question_index: 7 }],
      ["hand_raised", 4_300, { raised: true }],
      ["answered", 5_000, { question_id: "q" }],
      ["submitted", 6_000],
    ]);
    expect(standings.map(({ answered }) => answered)).toEqual([0, 0, 0, 1, 1, 1, 1, 1, 0, 0]);
    expect(standings.map(({ position }) => position)).toEqual([null, null, 0, 4, 2, 2, 7, 7, 4, 4]);
    expect(standings.at(-1)).toMatchObject({ connected: true, flagged: 1, hand: true, begun: true, over: true });
  });

  it("knows the place of a question in what does not say it", () => {
    const { happenings } = film([...SITS, ["flagged", 4_000, { question_id: "q", flagged: true }], ["flagged", 4_000, { question_id: "new", flagged: true }]]);
    expect(happenings.map(happeningText).slice(-2)).toEqual(["Flagged question 5", "Flagged a question"]);
  });

  it("says when she was there, away since her last contact, and when the clock stood", () => {
    const { spans, from_ms, until_ms } = film([
      ...SITS,
      ["disconnected", 50_000, { connection_id: "a", last_contact_ms: 10_000 }, { role: "system" }],
      ["paused", 50_000, { at_ms: 12_000, connection_lost: true }, { role: "system" }],
      ["resumed", 60_000, { at_ms: 60_000 }, { role: "system" }],
      ["connected", 60_000, { connection_id: "b" }],
    ], 70_000);
    expect([from_ms, until_ms]).toEqual([0, 70_000]);
    expect(spans).toEqual([
      { kind: "connected", from_ms: 1_000, until_ms: 10_000 },
      { kind: "away", from_ms: 10_000, until_ms: 60_000 },
      { kind: "paused", from_ms: 12_000, until_ms: 60_000 },
      { kind: "connected", from_ms: 60_000, until_ms: 70_000 },
    ].sort((one, other) => spans.findIndex((span) => span.from_ms === one.from_ms) - spans.findIndex((span) => span.from_ms === other.from_ms)));
  });

  it("takes no end of a connection that another one has superseded for her going", () => {
    const { standings } = film([...SITS, ["connected", 4_000, { connection_id: "b" }], ["disconnected", 5_000, { connection_id: "a", last_contact_ms: 4_000 }]]);
    expect(standings.at(-1)?.connected).toBe(true);
  });

  it("does not go on after the end, unless it is opened again", () => {
    expect(film([...SITS, ["expired", 9_000, { at_ms: 8_000 }]], 100_000).until_ms).toBe(8_000);
    const again: Said[] = [...SITS, ["submitted", 8_000], ["cancelled", 9_000], ["reinstated", 10_000]];
    expect(film(again).standings.at(-1)?.over).toBe(true);
    expect(film([...again, ["reopened", 11_000]]).standings.at(-1)?.over).toBe(false);
  });

  it("counts no answers where they are withheld, erased, or of a newer kind", () => {
    const { standings, happenings } = film([
      ...SITS.slice(0, 3),
      ["answered", 3_000, {}, { withheld: true }],
      ["answered", 3_500, {}, { by: "" }],
      ["something_new", 4_000, {}, { role: "service" }],
    ]);
    expect(standings.at(-1)?.answered).toBeNull();
    expect(happenings.slice(-3).map(happeningText)).toEqual(["Gave an answer", "Gave an answer", "something new"]);
    expect(happenings.at(-1)?.topic).toBe("staff");
  });

  it("has a sentence for every kind, of whatever is left of its record", () => {
    for (const kind of FACT_KINDS) {
      const [one] = film([[kind, 1]]).happenings;
      const said = happeningText(one!);
      expect(said, kind).toMatch(/^[A-Z]/);
      expect(said, kind).not.toMatch(/undefined|NaN|null|\s$/);
    }
  });

  it("says one of two things where a record says yes or no", () => {
    const said = (kind: string, fact: Record<string, unknown>): string => happeningText(film([[kind, 1, fact]]).happenings[0]!);
    expect([true, false].map((raised) => said("hand_raised", { raised }))).toEqual(["Raised a hand", "Lowered the hand"]);
    expect([{ from_file: true }, {}].map((fact) => said("late_received", fact))).toEqual([
      "Answers came after the end, in a file",
      "Answers came after the end, from the device",
    ]);
  });

  it("shows what staff wrote", () => {
    const [one] = film([["extended", 1, { add_ms: 600_000, reason: "The fire alarm." }, { role: "invigilator" }]]).happenings;
    expect([happeningText(one!), wordsOf(one!), one!.topic]).toEqual(["Was given 10 minutes more", "The fire alarm.", "staff"]);
  });
});
