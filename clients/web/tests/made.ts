/** States, rows and papers as a server sends them: a new field of one of them is given its plain value here, and nowhere else. */

import type { AttemptState, ClockState, Row } from "../src/generated/messages";
import type { AnswerPart, AnswerToMark, Criterion, Paper, PaperQuestion, PaperSection, PaperShortText, Result } from "../src/generated/rest";

/** An attempt before its start. */
export const INITIATED: AttemptState = {
  status: "initiated",
  seq: 1,
  head: "11",
  started_at_ms: null,
  clocks: [],
  section_id: null,
  closed_sections: [],
  closed_questions: [],
  ended_at_ms: null,
  ended_as: null,
  reference: null,
  said: null,
  hand: null,
  hand_in_from_ms: null,
  leave_from_ms: null,
  hand_in_until_ms: null,
  may_stand_ms: null,
};

/** A clock that runs until `deadline_ms` (null: it shows nothing); the grace is two seconds. */
export function clock(deadline_ms: number | null, more: Partial<ClockState> = {}): ClockState {
  const closes_at_ms = deadline_ms === null ? null : deadline_ms + 2_000;
  return { scope: "test", of: null, deadline_ms, closes_at_ms, left_ms: null, soft: null, over_ms: null, ...more };
}

/** The test's clock, running until `deadline_ms`; the grace is two seconds. */
export function runsUntil(deadline_ms: number): ClockState[] {
  return [clock(deadline_ms)];
}

/** The test's clock, standing. */
export function standsAt(left_ms: number): ClockState[] {
  return [clock(null, { left_ms })];
}

/** An attempt under way, from 1,000,000 to 1,600,000. */
export function state(more: Partial<AttemptState> = {}): AttemptState {
  return {
    ...INITIATED,
    status: "in_progress",
    seq: 3,
    started_at_ms: 1_000_000,
    clocks: runsUntil(1_600_000),
    ...more,
  };
}

export function row(attempt_id: string, more: Partial<Row> = {}): Row {
  return {
    attempt_id,
    seq: 1,
    tick: 0,
    user_id: `user-${attempt_id}`,
    name: attempt_id.toUpperCase(),
    attempt_number: 1,
    status: "in_progress",
    connection: "online",
    question_index: 0,
    answered: 0,
    flagged: 0,
    total: 10,
    started_at_ms: 0,
    deadline_ms: 1000,
    left_ms: null,
    ended_at_ms: null,
    last_seen_ms: null,
    message: null,
    score_mpt: null,
    max_mpt: null,
    awaiting_marks: 0,
    lost_records: 0,
    link: null,
    hand: null,
    section_id: null,
    accommodation: null,
    ...more,
  };
}

/** A paper without questions. */
export const PAPER: Paper = { test_id: "t", test_version: 1, form_id: null, title: "Test", instructions: "", sections: [], section_id: null, questions: [], passages: [], media: [] };

/** A question that asks for a short text. */
export function question(question_id: string, more: Partial<PaperQuestion> = {}): PaperQuestion {
  const plain = { body: "?", interactions: [typed("answer")], points_mpt: 1_000, limit_ms: null, required: false, passage_id: null };
  return { question_id, ...plain, ...more };
}

/** A text of one line. */
export function typed(response_id: string, max_chars = 100): PaperShortText {
  return { type: "short_text", response_id, max_chars };
}

/** The answer to a part that a person judges. */
export function judged(value: string): AnswerPart {
  return { response_id: "answer", value, guidance: null, score_mpt: null, max_mpt: 5_000, file: null };
}

function section(section_id: string, first: number, count: number, limit_ms: number | null): PaperSection {
  return { section_id, title: section_id.toUpperCase(), instructions: "", limit_ms, first, count };
}

/** Three sections: a1 and a2 within a minute; b1 to b3 within two; c1. `open`: the one whose questions are there; null: none. */
export function sectioned(open: string | null): Paper {
  const sections = [section("a", 0, 2, 60_000), section("b", 2, 3, 120_000), section("c", 5, 1, null)];
  const count = sections.find(({ section_id }) => section_id === open)?.count ?? 0;
  const questions = Array.from({ length: count }, (_, index) => question(`${open}${index + 1}`));
  return { ...PAPER, sections, section_id: open, questions };
}

export function result(fields: Partial<Result> = {}): Result {
  return {
    attempt_id: "a",
    test_id: "t",
    test_version: 1,
    user_id: "ada",
    status: "completed",
    reference: "5WND-1WE8-P4CE",
    complete: true,
    score_mpt: 1_000,
    max_mpt: 2_000,
    awaiting_marks: 0,
    marks: [],
    marks_from_ms: null,
    version: 1,
    key_version: 1,
    reason: "",
    changed_by: null,
    grade: null,
    warnings: null,
    counting: null,
    feedback: null,
    media: null,
    ...fields,
  };
}

/** One criterion is called as every object's own field is. */
export const RUBRIC: Criterion[] = [
  { name: "Argument", levels: [{ points_mpt: 0, says: "None." }, { points_mpt: 3_000, says: "Sound." }] },
  { name: "constructor", levels: [{ points_mpt: 0, says: "Muddled." }, { points_mpt: 2_000, says: "Clear." }] },
];

export function answerToMark(fields: Partial<AnswerToMark> = {}): AnswerToMark {
  const answer: AnswerToMark["answer"] = {
    attempt_id: "a",
    question_id: "q",
    candidate: "Ada",
    user_id: "ada",
    stage: "first",
    returned: false,
    claimed: true,
    yours: true,
  };
  return {
    answer,
    body: "Why?",
    passage: null,
    media: [],
    parts: [judged("Because.")],
    min_mpt: 0,
    max_mpt: 5_000,
    given: [],
    outdated_mpt: null,
    rubric: [],
    claimed_until_ms: 900_000,
    place: "a/q",
    ...fields,
  };
}
