/** The clocks as the page shows them. */

import { leftOn, overBy, shownClocks } from "../core/clocks";
import type { AttemptState } from "../generated/messages";
import type { Paper } from "../generated/rest";

export interface Shown {
  scope: string;
  left: number;
  /** The whole time of this clock, as far as the page knows it; else endless. */
  whole: number;
  /** For how long the time of a limit is over that closes nothing; null: it is not. */
  over: number | null;
}

export function clocksToShow(state: AttemptState | null, paper: Paper | null, question_id: string | null, now: number): Shown[] {
  return shownClocks(state, question_id).flatMap((clock) => {
    const left = leftOn(clock, now);
    return left === null ? [] : [{ scope: clock.scope, left, whole: limitOf(paper, clock.scope, clock.of) ?? Infinity, over: overBy(clock, now) }];
  });
}

function limitOf(paper: Paper | null, scope: string, of: string | null): number | null {
  if (scope === "question") return paper?.questions.find(({ question_id }) => question_id === of)?.limit_ms ?? null;
  return scope === "section" ? (paper?.sections.find(({ section_id }) => section_id === of)?.limit_ms ?? null) : null;
}
