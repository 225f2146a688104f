import { describe, expect, it } from "vitest";
import { newCandidate,  type Candidate, type CandidateEvent } from "../../src/core/candidate";
import { reduce } from "../../src/core/reducer";
import { firstClosing, nextDeadline, shownClocks } from "../../src/core/clocks";
import {
  allClosed,
  askedFrom,
  isBySection,
  isOpenAt,
  isReadable,
  nextSection,
  placed,
  placesOf,
  sectionAt,
  shutBy,
  statusOf,
  waitsForItsTime,
  within,
} from "../../src/core/sections";
import { clock, PAPER, question, runsUntil, sectioned, state } from "../made";

const IN_A = state({ section_id: "a", clocks: [clock(900), clock(100, { scope: "section", of: "a" })] });
const BETWEEN = state({ closed_sections: ["a"], clocks: [clock(900)] });
const IN_B = state({ section_id: "b", closed_sections: ["a"], clocks: [clock(900), clock(300, { scope: "section", of: "b" })] });
const ALL_CLOSED = state({ closed_sections: ["a", "b", "c"], clocks: [] });

describe("sections that are sat one after the other", () => {
  it("are entered in their order", () => {
    const paper = sectioned("a");
    expect([isBySection(IN_A), nextSection(paper, IN_A)?.section_id, nextSection(paper, BETWEEN)?.section_id]).toEqual([true, "b", "b"]);
    expect(paper.sections.map((section) => statusOf(paper, IN_B, section))).toEqual(["closed", "open", "next"]);
    expect(paper.sections.map((section) => statusOf(paper, BETWEEN, section))).toEqual(["closed", "next", "later"]);
    expect([allClosed(paper, IN_B), allClosed(paper, BETWEEN), allClosed(paper, ALL_CLOSED)]).toEqual([false, false, true]);
  });

  it("let a candidate go within the open one alone", () => {
    const paper = sectioned("b");
    expect([1, 2, 4, 5].map((position) => isOpenAt(paper, IN_B, position))).toEqual([false, true, true, false]);
    expect(isOpenAt(paper, BETWEEN, 2)).toBe(false);
    expect([0, 3, 9].map((position) => within(paper, IN_B, position))).toEqual([2, 3, 4]);
    expect(placed(paper).map(({ question: { question_id }, position }) => [question_id, position])).toEqual([["b1", 2], ["b2", 3], ["b3", 4]]);
  });

  it("need the questions of the open one", () => {
    expect([isReadable(sectioned("a"), IN_A), isReadable(sectioned("a"), IN_B), isReadable(sectioned("a"), BETWEEN)]).toEqual([true, false, true]);
  });

  it("shut with their clock, a question with its own", () => {
    expect([shutBy(IN_A, "a1", 99), shutBy(IN_A, "a1", 100), shutBy(IN_B, "b1", 299)]).toEqual([null, "section", null]);
    const limited = { ...IN_B, clocks: [...IN_B.clocks, clock(200, { scope: "question", of: "b1" })], closed_questions: ["b2"] };
    expect([shutBy(limited, "b1", 199), shutBy(limited, "b1", 200), shutBy(limited, "b2", 0), shutBy(limited, null, 200)]).toEqual([
      null,
      "question",
      "question",
      null,
    ]);
    expect(shutBy({ ...limited, status: "paused" }, "b2", 999)).toBeNull();
  });
});

it("a test whose questions are all open is as it was", () => {
  const paper = { ...PAPER, questions: [question("q1"), question("q2")] };
  expect([isBySection(state()), isReadable(paper, state()), isOpenAt(paper, state(), 1), within(paper, state(), 7)]).toEqual([false, true, true, 7]);
  expect(placed(paper).map(({ position }) => position)).toEqual([0, 1]);
  expect(sectionAt(sectioned("a"), 3)?.section_id).toBe("b");
  expect(shutBy(state(), "q1", 9e15)).toBeNull();
});

it("information is at a place, and has no number", () => {
  const told = { ...question("told"), interactions: [] };
  const [a, b, c] = sectioned("b").sections;
  const paper = { ...sectioned("b"), sections: [{ ...a!, unasked: 1 }, { ...b!, unasked: 1 }, c!], questions: [question("b1"), told, question("b3")] };
  expect(placed(paper).map(({ position, number }) => [position, number])).toEqual([[2, 2], [3, null], [4, 3]]);
  expect([askedFrom(paper, 0), askedFrom(paper, 5), placesOf(paper)]).toEqual([4, 1, 6]);
  expect(askedFrom({ ...PAPER, sections: [], questions: [told, question("q")] }, 0)).toBe(1);
});

describe("the clocks", () => {
  const three = { ...IN_A, clocks: [...IN_A.clocks, clock(50, { scope: "question", of: "a2" }), clock(null, { scope: "question", of: "a1", left_ms: 7 })] };

  it("that are shown are the one at hand and the wider ones", () => {
    const scopes = (id: string | null) => shownClocks(three, id).map(({ scope }) => scope);
    expect([scopes("a2"), scopes("a1"), scopes("a3"), scopes(null)]).toEqual([
      ["question", "section", "test"],
      ["question", "section", "test"],
      ["section", "test"],
      ["section", "test"],
    ]);
    expect(shownClocks(state({ clocks: [] }), "q1")).toEqual([]);
  });

  it("end one after the other", () => {
    expect([null, 50, 100, 900].map((after) => nextDeadline(three, after))).toEqual([50, 100, 900, null]);
    expect([0, 2_060, 2_150, 9_000].map((now) => firstClosing(three, now))).toEqual([2_050, 2_100, 2_900, 2_900]);
    expect(firstClosing(state({ clocks: runsUntil(5) }), 9_999)).toBe(2_005);
  });
});

describe("a question with a time of its own, without a connection", () => {
  const timed = question("q1", { limit_ms: 60_000 });
  const own = (deadline_ms: number | null, left_ms: number | null = null) => state({ clocks: [clock(900), clock(deadline_ms, { scope: "question", of: "q1", left_ms })] });

  it("waits for it, unless it runs or is over", () => {
    const waits = [state(), own(null, 7), own(50), state({ closed_questions: ["q1"] }), state({ status: "paused" })];
    expect(waits.map((one) => waitsForItsTime(one, timed, true))).toEqual([true, true, false, false, false]);
    expect([waitsForItsTime(null, timed, true), waitsForItsTime(state(), question("q1"), true)]).toEqual([false, false]);
  });

  it("is shown at once where there is a connection", () => {
    expect([state(), own(null, 7)].map((one) => waitsForItsTime(one, timed, false))).toEqual([false, false]);
  });
});

describe("entering a section", () => {
  const run = (...events: CandidateEvent[]): Candidate => events.reduce(reduce, { ...newCandidate("a", "t", sectioned("a")), state: IN_A, index: 1 });

  it("leads to its first question, and is over when it has been entered", () => {
    const asked = run({ type: "entering", section_id: "b" });
    expect([asked.entering, asked.index]).toEqual(["b", 1]);
    const entered = reduce(asked, { type: "state", state: { ...IN_B, seq: 4 } });
    expect([entered.entering, entered.index]).toEqual([null, 2]);
  });

  it("says why it was refused, and may be asked for again", () => {
    const refused = run({ type: "entering", section_id: "b" }, { type: "enter_refused", why: { code: "section_order", detail: "No." } });
    expect([refused.entering, refused.enter_refused]).toEqual([null, { code: "section_order", detail: "No." }]);
    expect(reduce(refused, { type: "entering", section_id: "b" }).enter_refused).toBeNull();
  });

  it("is overtaken when time closes the section before", () => {
    const between = run({ type: "state", state: { ...BETWEEN, seq: 4 } });
    expect([between.entering, between.index]).toEqual([null, 1]);
  });

  it("counts more time for the section as news", () => {
    const more = { ...IN_A, seq: 4, clocks: [clock(900), clock(160, { scope: "section", of: "a" })] };
    expect(run({ type: "state", state: more }).moved).toEqual({ by_ms: 60, count: 1 });
    expect(run({ type: "state", state: { ...IN_B, seq: 4 } }).moved).toBeNull();
  });
});
