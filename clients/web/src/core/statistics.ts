/** Item statistics in figures and words: what each says, and which of them ask for a look at the question. */

import { MIN_WARNED_ATTEMPTS } from "../generated/limits";
import type { NotCounted, OptionFigures, QuestionFigures, Undefined } from "../generated/rest";

/** "0.71", "−0.05": correlations and reliability, which travel in millionths. */
export function formatShare(ppm: number): string {
  const text = Math.abs(ppm / 1_000_000).toFixed(2);
  return ppm < 0 && text !== "0.00" ? `−${text}` : text;
}

/** "71 %": shares of people, which travel in millionths. */
export function formatPercent(ppm: number): string {
  const percent = Math.round(ppm / 10_000);
  return `${percent < 0 ? "−" : ""}${Math.abs(percent)} %`;
}

/** Points with two digits at most: means and errors have three, of which the last says nothing. */
export function formatMean(mpt: number): string {
  const text = String(Math.round(Math.abs(mpt) / 10) / 100);
  return mpt < 0 && text !== "0" ? `−${text}` : text;
}

/** Why a figure is missing; null: it is not missing. */
export function reasonOf(undefined_: readonly Undefined[], figure: string): Undefined["reason"] | null {
  return undefined_.find((one) => one.figure === figure)?.reason ?? null;
}

/** What was left out, and how often, without what is zero. */
export function leftOut(counts: NotCounted): [keyof NotCounted, number][] {
  return (Object.entries(counts) as [keyof NotCounted, number][]).filter(([, count]) => count > 0);
}

export type Doubt = "wrong_way" | "key_wrong_way" | "option_better" | "nobody";

type Sample = Pick<QuestionFigures, "attempts" | "standard_error_ppm">;

/** A correlation further from zero than chance leads: by more than two standard errors, over enough attempts. Its sign; 0: it may be chance. */
function beyondChance(ppm: number | null, { attempts, standard_error_ppm }: Sample): number {
  if (ppm === null || standard_error_ppm === null || attempts < MIN_WARNED_ATTEMPTS) return 0;
  return Math.abs(ppm) > 2 * standard_error_ppm ? Math.sign(ppm) : 0;
}

/** A wrong option that better candidates choose, a right one that they avoid, or one that fools nobody, among those who had the question. */
export function doubtOfOption({ correct, chosen, point_biserial_ppm }: OptionFigures, sample: Sample): Doubt | null {
  const sign = beyondChance(point_biserial_ppm, sample);
  if (correct) return sign < 0 ? "key_wrong_way" : null;
  if (chosen === 0) return sample.attempts < MIN_WARNED_ATTEMPTS ? null : "nobody";
  return sign > 0 ? "option_better" : null;
}

/** A question that better candidates answer worse: its key may be wrong. */
export function doubtOf(question: Sample & Pick<QuestionFigures, "corrected_point_biserial_ppm">): Doubt | null {
  return beyondChance(question.corrected_point_biserial_ppm, question) < 0 ? "wrong_way" : null;
}

/** What follows the question mark: of all, or of one version or form. */
export function statisticsQuery(version: string, form_id: string): string {
  const said = Object.entries({ version, form_id: form_id.trim() }).filter(([, value]) => value !== "");
  return said.length === 0 ? "" : `?${new URLSearchParams(said).toString()}`;
}
