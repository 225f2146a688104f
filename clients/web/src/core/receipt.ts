/** What a candidate can show of a test that she has handed in: no question and no answer, only that they are there. */

import { isAnswered, type Candidate } from "./candidate";

export interface Receipt {
  title: string;
  candidate_name: string;
  reference: string;
  started_at_ms: number | null;
  ended_at_ms: number | null;
  total: number;
  /** Questions of which the server holds an answer. */
  answered: number;
  /** Answers that were typed here, and are not on the server. */
  not_saved: number;
  /** The device keeps something of the test that the server does not have. */
  stays: boolean;
}

/** `unsettled`: how much the server has not answered to. */
export function receiptOf({ state, title, candidate_name, question_total, held, answers }: Candidate, unsettled: number): Receipt {
  const answered = Object.values(held).filter(({ value }) => isAnswered(value)).length;
  const not_saved = Object.values(answers).filter(({ save }) => save.kind === "refused" || save.kind === "editing" || save.kind === "kept").length;
  return {
    title,
    candidate_name,
    reference: state?.reference ?? "",
    started_at_ms: state?.started_at_ms ?? null,
    ended_at_ms: state?.ended_at_ms ?? null,
    total: question_total,
    answered,
    not_saved,
    stays: not_saved > 0 || unsettled > 0,
  };
}

/** As a file: a label and what it says in each line. */
export function receiptText(heading: string, rows: readonly (readonly [string, string])[]): string {
  const lines = rows.map(([label, said]) => `${label}: ${said.replace(/\s+/g, " ")}`);
  return `${[heading, "", ...lines].join("\r\n")}\r\n`;
}
