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

type Column<T> = readonly [name: string, of: (one: T) => string | number | null];

const CANDIDATE: readonly Column<CandidateCourse>[] = [
  ["attempt_id", (one) => one.attempt_id],
  ["user_id", (one) => one.user_id],
  ["name", (one) => one.name],
  ["attempt_number", (one) => one.attempt_number],
  ["status", (one) => one.status],
  ["started", (one) => new Date(one.started_ms).toISOString()],
  ["ended", (one) => (one.ended_ms === null ? null : new Date(one.ended_ms).toISOString())],
  ["time_s", (one) => one.ran_ms / 1000],
  ["questions", (one) => one.questions],
  ["answered", (one) => one.answered],
  ["changes", (one) => one.changes],
  ["rapid_guesses", (one) => one.rapid],
  ["effort", (one) => millionth(one.effort_ppm)],
  ["pace", (one) => millionth(one.pace_ppm)],
  ["idle_s", (one) => one.idle_ms / 1000],
  ["losses", (one) => one.losses],
  ["away_s", (one) => one.away_ms / 1000],
  ["points", (one) => (one.score_mpt === null ? null : one.score_mpt / 1000)],
  ["of", (one) => (one.max_mpt === null ? null : one.max_mpt / 1000)],
];

const QUESTION: readonly Column<QuestionTimes>[] = [
  ["question_id", (one) => one.question_id],
  ["type", (one) => one.type],
  ["attempts", (one) => one.attempts],
  ["seen", (one) => one.seen],
  ["answered", (one) => one.answered],
  ["mean_s", (one) => thousandth(one.mean_ms)],
  ["lower_quartile_s", (one) => thousandth(one.lower_ms)],
  ["median_s", (one) => thousandth(one.median_ms)],
  ["upper_quartile_s", (one) => thousandth(one.upper_ms)],
  ["visits", (one) => one.visits],
  ["changes", (one) => one.changes],
  ["rapid_guesses", (one) => one.rapid],
  ["rapid_under_s", (one) => thousandth(one.rapid_under_ms)],
  ["facility", (one) => millionth(one.share_ppm)],
  ["slow_and_hard", (one) => (one.struggling ? "yes" : "no")],
];

const thousandth = (value: number | null): number | null => (value === null ? null : value / 1_000);
const millionth = (value: number | null): number | null => (value === null ? null : value / 1_000_000);

function rowsOf<T>(columns: readonly Column<T>[], those: readonly T[]): string[][] {
  return [columns.map(([name]) => name), ...those.map((one) => columns.map(([, of]) => String(of(one) ?? "")))];
}

/** The candidates as a table for other programs: its units are in the names of its columns. */
export function candidateRows(candidates: readonly CandidateCourse[]): string[][] {
  return rowsOf(CANDIDATE, candidates);
}

/** The same of the questions. */
export function questionRows(questions: readonly QuestionTimes[]): string[][] {
  return rowsOf(QUESTION, questions);
}
