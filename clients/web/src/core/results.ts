/** The results of a test in words: what each attempt came to. */

import type { AttemptResult, Mark, Result, TestResults } from "../generated/rest";
import { formatPoints } from "./format";

/** "4.5 of 7". */
export function pointsOf(score_mpt: number, max_mpt: number): string {
  return `${formatPoints(score_mpt)} of ${formatPoints(max_mpt)}`;
}

/** What is said of an attempt: its points, that marks are missing, or (null) its status alone. The marks of a reopened one are those of an end
 * that is none any more. */
export function cameTo(attempt: AttemptResult): { points: string } | { awaiting: number } | null {
  if (attempt.awaiting_marks > 0 && ["submitted", "expired", "completed"].includes(attempt.status)) return { awaiting: attempt.awaiting_marks };
  return attempt.status === "completed" && attempt.complete ? { points: pointsOf(attempt.score_mpt, attempt.max_mpt) } : null;
}

/** "50 %", "75.5 %": where a grade begins. */
export function boundary(permille: number): string {
  return `${permille / 10} %`;
}

/** Whether it is staff who let candidates see their results. */
export function isReleasable({ release, shows }: Pick<TestResults, "release" | "shows">): boolean {
  return release === "by_staff" && shows !== "reference";
}

/** What the author says of an answer, in the order in which it is read: of each option that was chosen and of what was typed, of the mark, and of
 * the question itself. `option` is what was chosen. */
export function feedbackOf(result: Pick<Result, "feedback">, mark: Pick<Mark, "question_id" | "feedback">): { option: string | null; body: string }[] {
  const said = (result.feedback ?? []).filter(({ question_id }) => question_id === mark.question_id).map(({ option, body }) => ({ option, body }));
  const whole = mark.feedback ?? "";
  return whole === "" ? said : [...said, { option: null, body: whole }];
}
