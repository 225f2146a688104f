/**
 * What the test-taker page knows and shows: one immutable value. What makes the next one of it is in `reducer.ts`.
 * An answer is *editing* → *kept* on this device → *saved* on the server, or *refused*, because. Only an ack, and what
 * a welcome lists, may say *saved*.
 */

import type { AttemptState, Offer, SavedAnswer, StaffMessage, Value } from "../generated/messages";
import type { Paper, Result } from "../generated/rest";
import { endClock, isOver, leftOn, testClock } from "./clocks";
import { askedFrom } from "./sections";
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
  /** Null until the first welcome. With what is expected of the server. */
  state: AttemptState | null;
  /** As the server has said it last. */
  stated: AttemptState | null;
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
  | { type: "unexpected" }
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
    stated: null,
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

export function offered(told: Offered): Offered {
  const { title, instructions, duration_ms, warnings_ms, pauses_on_disconnect, question_total } = told;
  const { extra_time_ms, parts, opens_at_ms, closes_at_ms, hindrances, gaps, order, timing = null, watching = null, page = null } = told;
  return {
    ...{ title, instructions, duration_ms, warnings_ms, pauses_on_disconnect, question_total },
    ...{ extra_time_ms, parts, opens_at_ms, closes_at_ms, hindrances, gaps, order, timing, watching, page },
  };
}
