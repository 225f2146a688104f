import { describe, expect, it } from "vitest";
import { ALL_ANSWERS, differenceOf, isDirty, isRenewalDue, isSame, nextOf, percentOf, rangeOf, scoreOf, thisOne } from "../../src/core/marking";
import { MARKING_LEASE_MS } from "../../src/generated/limits";
import type { GivenMark } from "../../src/generated/rest";
import { answerToMark, judged } from "../made";

const given = (...scores: number[]): GivenMark[] => scores.map((score_mpt) => ({ score_mpt, remark: "", criteria: [] }));

describe("the points", () => {
  it.each([
    ["4", 4_000],
    [" 4,5 ", 4_500],
    ["0", 0],
    ["5.000", 5_000],
    ["5.001", null],
    ["-1", null],
    ["-0.5", -500],
    ["−0,25", -250],
    ["-0.501", null],
    ["-0", 0],
    ["--1", null],
    ["", null],
    ["four", null],
  ])("%j, from −0.5 to 5", (typed, score_mpt) => {
    const range = { min_mpt: -500, max_mpt: 5_000 };
    expect(scoreOf(typed, range)).toBe(score_mpt);
    expect(rangeOf(range)).toBe("-0.5 to 5");
  });
});

describe("marks that differ", () => {
  it("have a difference where there are two", () => {
    expect(differenceOf(given(1_500, 4_000))).toBe(2_500);
    expect(differenceOf(given(4_000, 1_500))).toBe(2_500);
    expect(differenceOf(given(4_000))).toBeNull();
    expect(differenceOf([])).toBeNull();
  });

  it("differ by a share of the points", () => {
    expect(percentOf(2_500, 5_000)).toBe(50);
    expect(percentOf(0, 0)).toBe(0);
  });
});

describe("what is asked for", () => {
  it("is the next one of a question, or of any, behind what was there", () => {
    expect(nextOf("candidate", ALL_ANSWERS, null)).toEqual({ by: "candidate" });
    expect(nextOf("question", { ...ALL_ANSWERS, question_id: "q1" }, "a/q1")).toEqual({ by: "question", question_id: "q1", after: "a/q1" });
    expect(nextOf("question", { ...ALL_ANSWERS, user_id: " ada " }, null)).toEqual({ by: "question", user_id: "ada" });
    expect(nextOf("question", { ...ALL_ANSWERS, attempt_id: "a" }, null)).toEqual({ by: "question", attempt_id: "a" });
  });

  it("is one by name", () => {
    expect(thisOne("question", { attempt_id: "a", question_id: "q" })).toEqual({ by: "question", attempt_id: "a", question_id: "q" });
  });
});

describe("an answer in hand", () => {
  it("is asked for again long before it comes free", () => {
    expect(isRenewalDue(1_000, 1_000 + MARKING_LEASE_MS / 3 - 1)).toBe(false);
    expect(isRenewalDue(1_000, 1_000 + MARKING_LEASE_MS / 3)).toBe(true);
  });

  it("is another one where its text or what it waits for has changed", () => {
    const task = answerToMark();
    expect(isSame(task, { ...task, claimed_until_ms: 9 })).toBe(true);
    expect(isSame(task, { ...task, parts: [judged("Other")] })).toBe(false);
    expect(isSame(task, { ...task, answer: { ...task.answer, stage: "second" } })).toBe(false);
  });

  it("has something to lose when anything is typed", () => {
    expect(isDirty({ points: " ", remark: "", levels: {} })).toBe(false);
    expect(isDirty({ points: "", remark: "", levels: { Style: 0 } })).toBe(true);
    expect(isDirty({ points: "", remark: "x", levels: {} })).toBe(true);
  });
});
