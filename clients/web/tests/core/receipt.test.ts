import { expect, it } from "vitest";
import { newCandidate, type Candidate } from "../../src/core/candidate";
import { receiptOf, receiptText } from "../../src/core/receipt";
import { state } from "../made";

const ENDED = state({ status: "completed", ended_as: "submitted", ended_at_ms: 1_500_000, reference: "AB-12" });
const saved = (question_id: string, value: string | null) => ({ question_id, value, n: 1, saved_at_ms: 5 });
const model: Candidate = {
  ...newCandidate("a", "t", null),
  title: "Test",
  candidate_name: "Ada",
  question_total: 4,
  state: ENDED,
  held: { q1: saved("q1", "x"), q2: saved("q2", " "), q3: saved("q3", null) },
  answers: {
    q1: { value: "x", save: { kind: "saved", at_ms: 5 } },
    q3: { value: "y", save: { kind: "refused", code: "too_late", detail: "", theirs: null } },
    q4: { value: "z", save: { kind: "kept" } },
  },
};

it("counts what the server holds, and what it does not", () => {
  expect(receiptOf(model, 0)).toEqual({
    title: "Test",
    candidate_name: "Ada",
    reference: "AB-12",
    started_at_ms: 1_000_000,
    ended_at_ms: 1_500_000,
    total: 4,
    answered: 1,
    not_saved: 2,
    stays: true,
  });
});

it("says whether something stays on the device: what was refused, or is still on its way", () => {
  const settled = { ...model, answers: { q1: model.answers["q1"]! } };
  expect([receiptOf(settled, 0).stays, receiptOf(settled, 1).stays]).toEqual([false, true]);
});

it("is a line for each fact, whatever a title has in it", () => {
  expect(receiptText("Receipt", [["Test", "A\nName: Bob"]])).toBe("Receipt\r\n\r\nTest: A Name: Bob\r\n");
});
