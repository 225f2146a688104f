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
