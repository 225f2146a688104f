/** Marking an answer by hand: what may be given, what differs, and which answer comes next. */

import { MARKING_LEASE_MS } from "../generated/limits";
import type { AnswerToMark, ClaimBody, GivenMark } from "../generated/rest";
import { formatPoints } from "./format";
import { parsePoints } from "./points";
import type { Levels } from "./rubric";

export type By = NonNullable<ClaimBody["by"]>;

/** What a marker has typed, and not saved yet. */
export interface Draft {
  points: string;
  remark: string;
  /** What was chosen where the answer is judged by a rubric. */
  levels: Levels;
}

export const NOTHING_TYPED: Draft = { points: "", remark: "", levels: {} };

export function isDirty({ points, remark, levels }: Draft): boolean {
  return points.trim() !== "" || remark.trim() !== "" || Object.keys(levels).length > 0;
}

/** Between what a mark must lie. */
type Range = Pick<AnswerToMark, "min_mpt" | "max_mpt">;

/** The points in thousandths; null: they are no number, or not in the range. */
export function scoreOf(points: string, { min_mpt, max_mpt }: Range): number | null {
  const score_mpt = parsePoints(points);
  return score_mpt === null || score_mpt < min_mpt || score_mpt > max_mpt ? null : score_mpt;
}

/** "0 to 5". */
export function rangeOf({ min_mpt, max_mpt }: Range): string {
  return `${formatPoints(min_mpt)} to ${formatPoints(max_mpt)}`;
}

/** By how much the marks differ between which somebody decides; null: there are no two. */
export function differenceOf(given: readonly GivenMark[]): number | null {
  if (given.length < 2) return null;
  const scores = given.map(({ score_mpt }) => score_mpt);
  return Math.max(...scores) - Math.min(...scores);
}

/** A share of the points in whole per cent. */
export function percentOf(part_mpt: number, max_mpt: number): number {
  return max_mpt === 0 ? 0 : Math.round((100 * part_mpt) / max_mpt);
}

/** Which answers are meant; what is empty does not limit. */
export interface Only {
  question_id: string;
  attempt_id: string;
  user_id: string;
}

export const ALL_ANSWERS: Only = { question_id: "", attempt_id: "", user_id: "" };

/** The next answer behind `after` among those that are meant. */
export function nextOf(by: By, only: Only, after: string | null): ClaimBody {
  const said = Object.entries({ ...only, user_id: only.user_id.trim() }).filter(([, id]) => id !== "");
  return { by, ...Object.fromEntries(said), ...(after === null ? {} : { after }) };
}

/** Exactly this answer. */
export function thisOne(by: By, { attempt_id, question_id }: Pick<AnswerToMark["answer"], "attempt_id" | "question_id">): ClaimBody {
  return { by, attempt_id, question_id };
}

/** Whether whoever still types should ask for the answer again, so that it stays in her hands. Both are of one clock, in ms. */
export function isRenewalDue(claimed_at: number, now: number): boolean {
  return now - claimed_at >= MARKING_LEASE_MS / 3;
}

/** Whether it is still the answer that was being marked: the candidate may have changed it, or staff what it is worth. */
export function isSame(one: AnswerToMark, other: AnswerToMark): boolean {
  const said = (task: AnswerToMark): string => JSON.stringify(task.parts.map(({ response_id, value }) => [response_id, value]));
  return one.place === other.place && said(one) === said(other) && one.max_mpt === other.max_mpt && one.answer.stage === other.answer.stage;
}
