import { describe, expect, it } from "vitest";
import { boundary, cameTo, feedbackOf, isReleasable } from "../../src/core/results";
import type { AttemptResult } from "../../src/generated/rest";

const attempt = (fields: Partial<AttemptResult>): AttemptResult => ({
  attempt_id: "a",
  attempt_number: 1,
  status: "completed",
  version: 1,
  key_version: 1,
  complete: true,
  score_mpt: 4_500,
  max_mpt: 7_000,
  awaiting_marks: 0,
  warnings: [],
  ...fields,
});

describe("what an attempt came to", () => {
  it.each([
    [{}, { points: "4.5 of 7" }],
    [{ status: "submitted", complete: false, awaiting_marks: 2 }, { awaiting: 2 }],
    [{ complete: false, awaiting_marks: 1 }, { awaiting: 1 }],
    // The marks of a reopened attempt are those of an end that is none any more.
    [{ status: "in_progress" }, null],
    [{ status: "paused", complete: false, awaiting_marks: 1 }, null],
    [{ status: "absent", version: 0, complete: false }, null],
  ] as [Partial<AttemptResult>, ReturnType<typeof cameTo>][])("%j", (fields, came) => {
    expect(cameTo(attempt(fields))).toEqual(came);
  });
});

it("says where a grade begins", () => {
  expect([500, 755, 1_000].map(boundary)).toEqual(["50 %", "75.5 %", "100 %"]);
});

it("offers a release where staff decide it and there is something to see", () => {
  expect(isReleasable({ release: "by_staff", shows: "score" })).toBe(true);
  expect(isReleasable({ release: "by_staff", shows: "reference" })).toBe(false);
  expect(isReleasable({ release: "at_once", shows: "feedback" })).toBe(false);
});

it("says what the author says of an answer, of its mark and of its question, in this order", () => {
  const said = (question_id: string, response_id: string | null, option: string | null, body: string) => ({ question_id, response_id, option, body });
  const feedback = [said("q", "answer", "One", "No."), said("other", null, null, "Half."), said("q", null, null, "Nothing.")];
  expect(feedbackOf({ feedback }, { question_id: "q", feedback: "See chapter 2." })).toEqual([
    { option: "One", body: "No." },
    { option: null, body: "Nothing." },
    { option: null, body: "See chapter 2." },
  ]);
  expect(feedbackOf({ feedback: null }, { question_id: "q", feedback: null })).toEqual([]);
});
