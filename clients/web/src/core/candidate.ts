/**
 * What the test-taker page knows and shows: one immutable value, and one function from (value, event) to the next.
 * An answer is *editing* → *kept* on this device → *saved* on the server, or *refused*, because. Only an ack, and what
 * a welcome lists, may say *saved*.
 */

import type { AttemptState, Offer, SavedAnswer, StaffMessage, Value } from "../generated/messages";
import type { Paper, Result } from "../generated/rest";
import { clockOf, endClock, isOver, leftOn, testClock } from "./clocks";
import { askedFrom, sectionOf, within } from "./sections";
import type { Told } from "./told";

export type Save =
  | { kind: "none" }
  | { kind: "editing" }
  | { kind: "kept" }
  | { kind: "saved"; at_ms: number }
  | { kind: "refused"; code: string; detail: string; theirs: SavedAnswer | null };

export interface AnswerModel {
  value: Value;
  save: Save;
}

/** A warning: so much is left until this deadline of this clock. */
export interface Warned {
  left_ms: number;
  deadline_ms: number;
  scope: string;
  of: string | null;
}

/** What the server tells of the test, besides its questions: until the start it may change. */
export type Offered = Readonly<Omit<Offer, "t">>;

export interface Candidate extends Offered {
  attempt_id: string;
  test_id: string;
  /** Whose attempt it is. */
  candidate_name: string;
  /** Null until the first welcome. */
  state: AttemptState | null;
  paper: Paper | null;
  index: number;
  answers: Readonly<Record<string, AnswerModel>>;
  /** What the server holds, whatever this page shows. */
  held: Readonly<Record<string, SavedAnswer>>;
  flagged: ReadonlySet<string>;
  /** From the staff, and not read yet: the oldest first. */
  messages: readonly StaffMessage[];
  /** Messages that were read on this page. */
  read: readonly StaffMessage[];
  warning: Warned | null;
  /** The clock moved: by how much, counted up with every move so that two alike are two. */
  moved: { by_ms: number; count: number } | null;
  /** The attempt had ended, and staff let it go on. */
  reopened: boolean;
  /** The server has lost what it had acknowledged: so many answers are sent again. Null: nothing of that kind happened. */
  restored: number | null;
  /** When the link's token ends, once the server has said that it ends soon. */
  token_ends_ms: number | null;
  starting: boolean;
  start_refused: Why | null;
  /** The section that she has asked to enter. */
  entering: string | null;
  enter_refused: Why | null;
  handing_in: boolean;
  hand_in_refused: Why | null;
  /** Handing in was stopped: another device has answered differently, and the candidate has not decided yet. */
  hand_in_conflict: boolean;
  result: Result | null;
  result_note: Why | null;
  /** A message that could not be read, or anything else that must not stay silent. */
  trouble: Why | null;
}

/** Why something was refused; a blank code: the page says it itself. */
export interface Why {
  code: string;
  detail: string;
}

/** A refused answer that is kept on this device. */
export interface Refused {
  question_id: string;
  value: Value;
  code: string;
  detail: string;
  /** The highest number that the server was known to have accepted then: what is above it, this answer did not know of. */
  base: number;
  /** When it was given, by this device's clock; missing: nobody knows. */
  at_ms?: number;
}

/** The code of a refused answer that the server has as evidence, beside what was submitted. */
export const LATE = "late";

/** Another device has answered differently: the candidate decides. */
export function isConflict(refused: { code: string } | Save | undefined): boolean {
  return refused !== undefined && "code" in refused && refused.code === "number_reused";
}

/** What a person can put away. */
export type Dismissible = "warning" | "moved" | "reopened" | "restored" | "trouble";

/** An answer or a flag of this device that is not settled. */
export interface Pending {
  answers: Readonly<Record<string, Value>>;
  /** The questions of which the device has that answer. */
  kept: ReadonlySet<string>;
  flags: Readonly<Record<string, boolean>>;
  index: number | null;
}

export type CandidateEvent =
  | ({
      type: "welcome";
      test_id: string;
      candidate_name: string;
      question_index: number;
      state: AttemptState;
      answers: readonly SavedAnswer[];
      flagged: readonly string[];
      pending: Pending;
      refused: readonly Refused[];
    } & Offered)
  /** There is no network: what an earlier page of this device knew last. */
  | { type: "recalled"; told: Told; pending: Pending; refused: readonly Refused[] }
  /** What the server held when an earlier page of this device heard of it last. */
  | { type: "remembered"; answers: readonly SavedAnswer[] }
  | { type: "paper"; paper: Paper }
  | { type: "starting" }
  | { type: "start_refused"; why: Why }
  | { type: "entering"; section_id: string }
  | { type: "enter_refused"; why: Why }
  | { type: "edited"; question_id: string; value: Value }
  | { type: "kept"; question_ids: ReadonlySet<string> }
  | { type: "saved"; question_id: string; value: Value; n: number; at_ms: number; newer: boolean }
  | { type: "refused"; refused: Refused }
  | { type: "forgot"; question_id: string }
  | { type: "flagged"; question_id: string; flagged: boolean }
  | { type: "expected"; state: Partial<AttemptState> }
  | { type: "went"; index: number }
  | { type: "state"; state: AttemptState }
  /** What the welcome said of the test has changed. */
  | ({ type: "offer" } & Offered)
  | ({ type: "warning" } & Warned)
  | { type: "message"; message: StaffMessage }
  | { type: "message_dismissed"; message_id: string }
  | { type: "dismissed"; what: Dismissible }
  | { type: "handing_in" }
  | { type: "hand_in_refused"; why: Why }
  | { type: "hand_in_conflict" }
  | { type: "restored"; count: number }
  | { type: "result"; result: Result }
  | { type: "result_note"; why: Why }
  | { type: "token_expiring"; expires_at_ms: number }
  | { type: "trouble"; why: Why };

export function newCandidate(attempt_id: string, test_id: string, paper: Paper | null): Candidate {
  return {
    attempt_id,
    test_id,
    title: paper?.title ?? "",
    candidate_name: "",
    instructions: paper?.instructions ?? "",
    duration_ms: null,
    warnings_ms: [],
    pauses_on_disconnect: false,
    question_total: paper === null ? 0 : askedFrom(paper, 0),
    extra_time_ms: 0,
    parts: [],
    opens_at_ms: null,
    closes_at_ms: null,
    hindrances: [],
    gaps: "allow",
    order: "free",
    timing: null,
    watching: null,
    state: null,
    paper,
    index: 0,
    answers: {},
    held: {},
    flagged: new Set(),
    messages: [],
    read: [],
    warning: null,
    moved: null,
    reopened: false,
    restored: null,
    token_ends_ms: null,
    starting: false,
    start_refused: null,
    entering: null,
    enter_refused: null,
    handing_in: false,
    hand_in_refused: null,
    hand_in_conflict: false,
    result: null,
    result_note: null,
    trouble: null,
  };
}

const ENDED: ReadonlySet<string> = new Set(["submitted", "expired", "cancelled", "completed", "absent", "abandoned"]);

export function hasEnded(status: string | undefined): boolean {
  return status !== undefined && ENDED.has(status);
}

/** It has ended without anything to mark. */
export function isVoid(status: string | undefined): boolean {
  return status === "cancelled" || status === "absent" || status === "abandoned";
}

/** Whether the question counts as answered, or a part of it: the server's rule, held by the shared vectors. */
export function isAnswered(value: Value | undefined): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value === "string") return /[^\p{White_Space}\p{Default_Ignorable_Code_Point}]/u.test(value);
  return Array.isArray(value) ? value.length > 0 : Object.values(value).some(isAnswered);
}

/** Time left on the clock at this server time; null: no limit, or no clock (yet, or any more). */
export function leftMs(state: AttemptState | null, server_now: number): number | null {
  return leftOn(testClock(state), server_now);
}

/** Time is up: nothing can be changed, though what was typed before may still be on its way. */
export function isLocked(state: AttemptState | null, server_now: number): boolean {
  return state?.status === "in_progress" && (isOver(testClock(state), server_now) || isOver(endClock(state), server_now));
}

/** Time is up, and for now the test can still be handed in as it is. */
export function isForHandingIn(state: AttemptState | null, server_now: number): boolean {
  const until_ms = state?.hand_in_until_ms ?? null;
  return isLocked(state, server_now) && until_ms !== null && server_now < until_ms;
}

/**
 * Whether this page can know what the clock shows. A test may stop the clock of whoever has lost the connection: without
 * one, a page can't know whether it stands, nor for how long, only that no less is left than it counts.
 */
export function knowsClock({ state, pauses_on_disconnect }: Candidate, connected: boolean): boolean {
  return connected || !pauses_on_disconnect || state?.status !== "in_progress" || testClock(state).deadline_ms === null;
}

/**
 * Whether the clock may be standing because this page has been without a connection for so long: then no question is to be read. When
 * the test's time for that is used up, the clock runs, and so does the page.
 */
export function mayStand(state: AttemptState | null, silent_ms: number): boolean {
  return state?.status === "in_progress" && silent_ms < (state.may_stand_ms ?? 0);
}

function withAnswer(model: Candidate, question_id: string, answer: AnswerModel): Candidate {
  return { ...model, answers: { ...model.answers, [question_id]: answer } };
}

/** A later state replaces an earlier one, never the other way round; a running clock that moves is news. */
function withState(model: Candidate, state: AttemptState): Candidate {
  const before = model.state;
  if (before !== null && state.seq < before.seq) return model;
  const next: Candidate = { ...model, state };
  if (state.status !== "initiated") next.starting = false;
  if (state.section_id !== before?.section_id || hasEnded(state.status)) {
    next.entering = null;
    next.enter_refused = null;
    // Another section is entered at its first question.
    if (before !== null) next.index = sectionOf(model.paper, state.section_id)?.first ?? next.index;
  }
  if (hasEnded(state.status)) {
    next.handing_in = false;
    next.hand_in_conflict = false;
    next.warning = null;
    next.moved = null;
    next.reopened = false;
  } else {
    next.result = null;
    next.result_note = null;
  }
  if (before === null) return next;
  if (hasEnded(before.status) && state.status === "in_progress") next.reopened = true;
  const by_ms = movedBy(before, state);
  if (by_ms !== 0) next.moved = { by_ms, count: (model.moved?.count ?? 0) + 1 };
  // A warning about a deadline that is no longer the deadline would frighten for nothing.
  const { warning } = model;
  if (warning !== null && warning.deadline_ms !== clockOf(state, warning.scope, warning.of).deadline_ms) next.warning = null;
  return next;
}

/** By how much the test's clock was moved, or else the open section's: whoever moves both moves them alike. */
function movedBy(before: AttemptState, after: AttemptState): number {
  return clockMovedBy(before, after, "test", null) || clockMovedBy(before, after, "section", after.section_id);
}

function clockMovedBy(before: AttemptState, after: AttemptState, scope: string, of: string | null): number {
  const old = clockOf(before, scope, of);
  const now = clockOf(after, scope, of);
  if (before.status === "in_progress" && after.status === "in_progress") {
    return old.deadline_ms === null || now.deadline_ms === null ? 0 : now.deadline_ms - old.deadline_ms;
  }
  if (before.status === "paused" && after.status === "paused") {
    return old.left_ms === null || now.left_ms === null ? 0 : now.left_ms - old.left_ms;
  }
  return 0;
}

export function offered(told: Offered): Offered {
  const { title, instructions, duration_ms, warnings_ms, pauses_on_disconnect, question_total } = told;
  const { extra_time_ms, parts, opens_at_ms, closes_at_ms, hindrances, gaps, order, timing = null, watching = null, page = null } = told;
  return {
    ...{ title, instructions, duration_ms, warnings_ms, pauses_on_disconnect, question_total },
    ...{ extra_time_ms, parts, opens_at_ms, closes_at_ms, hindrances, gaps, order, timing, watching, page },
  };
}

function welcomed(model: Candidate, event: Extract<CandidateEvent, { type: "welcome" }>): Candidate {
  const held: Record<string, SavedAnswer> = {};
  const answers: Record<string, AnswerModel> = {};
  for (const saved of event.answers) {
    held[saved.question_id] = saved;
    answers[saved.question_id] = { value: saved.value, save: { kind: "saved", at_ms: saved.saved_at_ms } };
  }
  for (const { question_id, value, code, detail } of event.refused) {
    answers[question_id] = { value, save: { kind: "refused", code, detail, theirs: held[question_id] ?? null } };
  }
  for (const [question_id, value] of Object.entries(event.pending.answers)) {
    answers[question_id] = { value, save: { kind: event.pending.kept.has(question_id) ? "kept" : "editing" } };
  }
  const flagged = new Set(event.flagged);
  for (const [question_id, on] of Object.entries(event.pending.flags)) {
    if (on) flagged.add(question_id);
    else flagged.delete(question_id);
  }
  // Only the first welcome moves the candidate; after that she is where she is.
  const here = model.state === null ? (event.pending.index ?? event.question_index) : model.index;
  const index = within(model.paper, event.state, here);
  const { test_id, candidate_name } = event;
  // A welcome is the whole truth, even where its log is shorter than what was seen before (an older copy was restored).
  const state = model.state !== null && event.state.seq < model.state.seq ? null : model.state;
  const next = { ...model, ...offered(event), test_id, candidate_name, state, index, answers, held, flagged };
  return withState(next, event.state);
}

export function reduce(model: Candidate, event: CandidateEvent): Candidate {
  switch (event.type) {
    case "welcome":
      return welcomed(model, event);
    case "recalled": {
      if (model.state !== null) return model;
      const { offer, index, flagged, ...told } = event.told;
      const answers = Object.values(model.held);
      return welcomed(model, { ...event, ...offer, ...told, type: "welcome", question_index: index, flagged: [...flagged], answers });
    }
    case "remembered":
      return { ...model, held: Object.fromEntries(event.answers.map((answer) => [answer.question_id, answer])) };
    case "paper":
      return { ...model, paper: event.paper, title: event.paper.title, index: within(event.paper, model.state, model.index) };
    case "starting":
      return { ...model, starting: true, start_refused: null };
    case "start_refused":
      return { ...model, starting: false, start_refused: event.why };
    case "entering":
      return { ...model, entering: event.section_id, enter_refused: null };
    case "enter_refused":
      return { ...model, entering: null, enter_refused: event.why };
    case "edited":
      return withAnswer(model, event.question_id, { value: event.value, save: { kind: "editing" } });
    case "kept": {
      const answers = { ...model.answers };
      for (const [id, answer] of Object.entries(answers)) {
        const kind = event.question_ids.has(id) ? "kept" : "editing";
        const unsettled = answer.save.kind === "editing" || answer.save.kind === "kept";
        if (unsettled && answer.save.kind !== kind) answers[id] = { ...answer, save: { kind } };
      }
      return { ...model, answers };
    }
    case "saved": {
      const { question_id, value, n, at_ms } = event;
      const theirs = { question_id, value, n, saved_at_ms: at_ms };
      const next = { ...model, held: { ...model.held, [question_id]: theirs } };
      if (!event.newer) return withAnswer(next, question_id, { value, save: { kind: "saved", at_ms } });
      const own = model.answers[question_id];
      return own?.save.kind === "refused" ? withAnswer(next, question_id, { ...own, save: { ...own.save, theirs } }) : next;
    }
    case "refused": {
      const { question_id, value, code, detail } = event.refused;
      const theirs = model.held[question_id] ?? null;
      return withAnswer(model, question_id, { value, save: { kind: "refused", code, detail, theirs } });
    }
    case "forgot": {
      const theirs = model.held[event.question_id];
      if (theirs !== undefined) {
        const save: Save = { kind: "saved", at_ms: theirs.saved_at_ms };
        return withAnswer(model, event.question_id, { value: theirs.value, save });
      }
      return withAnswer(model, event.question_id, { value: null, save: { kind: "none" } });
    }
    case "flagged": {
      const flagged = new Set(model.flagged);
      if (event.flagged) flagged.add(event.question_id);
      else flagged.delete(event.question_id);
      return { ...model, flagged };
    }
    case "expected":
      return model.state === null ? model : { ...model, state: { ...model.state, ...event.state } };
    case "went":
      return { ...model, index: event.index };
    case "state":
      return withState(model, event.state);
    case "offer":
      return { ...model, ...offered(event) };
    case "warning":
      return { ...model, warning: { left_ms: event.left_ms, deadline_ms: event.deadline_ms, scope: event.scope, of: event.of } };
    case "message":
      if (model.messages.some((known) => known.message_id === event.message.message_id)) return model;
      return { ...model, messages: [...model.messages, event.message] };
    case "message_dismissed": {
      const is = ({ message_id }: StaffMessage): boolean => message_id === event.message_id;
      const messages = model.messages.filter((message) => !is(message));
      return { ...model, messages, read: [...model.read, ...model.messages.filter(is)] };
    }
    case "dismissed":
      return event.what === "reopened" ? { ...model, reopened: false } : { ...model, [event.what]: null };
    case "handing_in":
      return { ...model, handing_in: true, hand_in_refused: null, hand_in_conflict: false };
    case "hand_in_refused":
      return { ...model, handing_in: false, hand_in_refused: event.why };
    case "hand_in_conflict":
      return { ...model, handing_in: false, hand_in_conflict: true };
    case "restored":
      return { ...model, restored: event.count };
    case "result":
      return { ...model, result: event.result, result_note: null };
    case "result_note":
      return { ...model, result_note: event.why };
    case "token_expiring":
      return { ...model, token_ends_ms: event.expires_at_ms };
    case "trouble":
      return { ...model, trouble: event.why };
  }
}
