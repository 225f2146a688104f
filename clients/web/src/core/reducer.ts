/** What the test-taker page knows after an event: one function from (value, event) to the next value. */

import type { AttemptState, SavedAnswer, StaffMessage } from "../generated/messages";
import { hasEnded, offered, type AnswerModel, type Candidate, type CandidateEvent, type Save } from "./candidate";
import { clockOf } from "./clocks";
import { sectionOf, within } from "./sections";

function withAnswer(model: Candidate, question_id: string, answer: AnswerModel): Candidate {
  return { ...model, answers: { ...model.answers, [question_id]: answer } };
}

/** A later state replaces an earlier one, never the other way round; a running clock that moves is news. */
function withState(model: Candidate, state: AttemptState): Candidate {
  const before = model.state;
  if (before !== null && state.seq < before.seq) return model;
  const next: Candidate = { ...model, state, stated: state };
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
    case "unexpected":
      // What was asked for was refused: what the server has said is so.
      return { ...model, state: model.stated };
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
