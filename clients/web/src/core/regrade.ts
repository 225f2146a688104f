/** A regrade, as it is tried out and told. */

import type { MarkChange } from "../generated/rest";
import { formatPoints } from "./format";

/** "+1.5", "−2", "0". */
export function signedPoints(mpt: number): string {
  if (mpt === 0) return "0";
  return `${mpt > 0 ? "+" : "−"}${formatPoints(Math.abs(mpt))}`;
}

/** "12.5 of 40 → 13.5 of 41"; what can be reached is said once where it stays. */
export function scoresOf({ before_mpt, after_mpt, before_max_mpt, after_max_mpt }: MarkChange): string {
  const of = (score: number, max: number): string => `${formatPoints(score)} of ${formatPoints(max)}`;
  const before = before_max_mpt === after_max_mpt ? formatPoints(before_mpt) : of(before_mpt, before_max_mpt);
  return `${before} → ${of(after_mpt, after_max_mpt)}`;
}

/** "B → A"; null: the grade stays. `none` stands for no grade. */
export function gradesOf({ before_grade, after_grade }: MarkChange, none: string): string | null {
  return before_grade === after_grade ? null : `${before_grade ?? none} → ${after_grade ?? none}`;
}

