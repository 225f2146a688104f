/** The report of a test in words and numbers: what its plots and tables show. */

import type { CandidateCourse, QuestionTimes, ScoreBin } from "../generated/rest";

/** "3:05" minutes and seconds, "1:02:03" with hours; whole seconds, rounded. */
export function formatSpan(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const two = (value: number): string => String(value).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), two(seconds % 60)];
  return hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** "95–100 %": what a bin holds. */
export function binName(bins: readonly ScoreBin[], place: number): string {
  const from = (bins[place]?.from_permille ?? 0) / 10;
  const to = (bins[place + 1]?.from_permille ?? 1000) / 10;
  return `${from}–${to} %`;
}

/** Her share of the points; null: there are no marks. */
export function shareOf({ score_mpt, max_mpt }: Pick<CandidateCourse, "score_mpt" | "max_mpt">): number | null {
  return score_mpt === null || max_mpt === null || max_mpt === 0 ? null : score_mpt / max_mpt;
}

/** "20 % slower", "5 % faster", "as fast": by how much her pace differs from the others'. */
export type Pace = readonly ["slower" | "faster" | "same", number];

export function paceOf(pace_ppm: number): Pace {
  const percent = Math.round(pace_ppm / 10_000) - 100;
  return percent === 0 ? ["same", 0] : percent > 0 ? ["slower", percent] : ["faster", -percent];
}

export type Order = "name" | "score" | "time" | "pace" | "effort" | "away";

/** Candidates by what is asked for; what is not known goes last. */
export function inOrder(candidates: readonly CandidateCourse[], order: Order): CandidateCourse[] {
  const key = (one: CandidateCourse): number | null => {
    switch (order) {
      case "score":
        return negative(shareOf(one));
      case "time":
        return -one.ran_ms;
      case "pace":
        return negative(one.pace_ppm);
      case "effort":
        return one.effort_ppm;
      case "away":
        return -one.away_ms;
      case "name":
        return 0;
    }
  };
  const names = new Intl.Collator(undefined, { numeric: true });
  const name = (one: CandidateCourse): string => one.name || one.user_id;
  return candidates
    .map((one) => [key(one) ?? Number.POSITIVE_INFINITY, one] as const)
    .sort(([a, one], [b, other]) => (a === b ? names.compare(name(one), name(other)) : a < b ? -1 : 1))
    .map(([, one]) => one);
}

function negative(value: number | null): number | null {
  return value === null ? null : -value;
}

/** The longest time that a plot of times has to show. */
export function longest(questions: readonly QuestionTimes[]): number {
  return Math.max(6_000, ...questions.map(({ upper_ms }) => upper_ms ?? 0));
}
