/** The results of a test in words: what each attempt came to. */

import type { AttemptResult, TestResults } from "../generated/rest";
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
