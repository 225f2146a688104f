/** The clocks of an attempt, as the server tells them. */

import type { AttemptState, ClockState } from "../generated/messages";

const NO_CLOCK: ClockState = { scope: "test", of: null, deadline_ms: null, closes_at_ms: null, left_ms: null };

/** The clock of this scope (of this section or question); one that shows nothing where there is none. */
export function clockOf(state: AttemptState | null, scope: string, of: string | null): ClockState {
  return state?.clocks.find((clock) => clock.scope === scope && clock.of === of) ?? { ...NO_CLOCK, scope, of };
}

/** The clock of the whole test; one that shows nothing where there is none. */
export function testClock(state: AttemptState | null): ClockState {
  const first = state?.clocks[0];
  return first?.scope === "test" ? first : NO_CLOCK;
}

/** What is left on a clock at this server time; null: it shows nothing. */
export function leftOn({ deadline_ms, left_ms }: ClockState, server_now: number): number | null {
  if (left_ms !== null) return left_ms;
  return deadline_ms === null ? null : Math.max(0, deadline_ms - server_now);
}

/** Whether the time is up of a clock that closes something. */
export function isOver({ deadline_ms, soft }: ClockState, server_now: number): boolean {
  return deadline_ms !== null && !soft && server_now >= deadline_ms;
}

/** For how long the time of a soft clock is over; null: it is not, or the clock is none of these. */
export function overBy({ deadline_ms, soft, over_ms }: ClockState, server_now: number): number | null {
  if (!soft) return null;
  if (deadline_ms === null) return over_ms ?? null;
  return server_now >= deadline_ms ? server_now - deadline_ms : null;
}

/** The clock that ends the whole: in a test whose limit is soft that of the window. */
export function endClock(state: AttemptState | null): ClockState {
  const test = testClock(state);
  return test.soft || test.deadline_ms === null ? clockOf(state, "window", null) : test;
}

/**
 * The clocks to show, those that show something: first the one at hand (of this question, else of the open section), then the
 * wider ones.
 */
export function shownClocks(state: AttemptState | null, question_id: string | null): ClockState[] {
  if (state === null) return [];
  const question = question_id === null ? [] : [clockOf(state, "question", question_id)];
  const section = state.section_id === null ? [] : [clockOf(state, "section", state.section_id)];
  return [...question, ...section, testClock(state), clockOf(state, "window", null)].filter(({ deadline_ms, left_ms }) => deadline_ms !== null || left_ms !== null);
}

/** The next deadline of a running clock that lies after `after_ms` (null: the first of all); null: there is none. */
export function nextDeadline(state: AttemptState | null, after_ms: number | null): number | null {
  const ahead = running(state).flatMap(({ deadline_ms }) => (deadline_ms > (after_ms ?? -Infinity) ? [deadline_ms] : []));
  return ahead.length === 0 ? null : Math.min(...ahead);
}

/** When the server first stops accepting something; null: no clock runs. */
export function firstClosing(state: AttemptState | null, server_now: number): number | null {
  const ahead = running(state).flatMap(({ closes_at_ms }) => (closes_at_ms !== null && closes_at_ms > server_now ? [closes_at_ms] : []));
  return ahead.length === 0 ? testClock(state).closes_at_ms : Math.min(...ahead);
}

function running(state: AttemptState | null): (ClockState & { deadline_ms: number })[] {
  return (state?.clocks ?? []).flatMap((clock) => (clock.deadline_ms === null ? [] : [{ ...clock, deadline_ms: clock.deadline_ms }]));
}
