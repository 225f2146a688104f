/** Gaps: required questions without an answer. What handing in with gaps comes to is the test's rule. */

import type { Paper } from "../generated/rest";
import type { Candidate } from "./candidate";
import { isComplete } from "./parts";
import { placed, type Placed } from "./sections";

/**
 * The gaps in what the page has of the paper, which an answer can still fill. In a test that is sat by section the server alone
 * knows those of later sections. None where the test allows gaps.
 */
export function gapsOf({ gaps, state, answers }: Candidate, paper: Paper): Placed[] {
  if (gaps === "allow") return [];
  const closed = new Set(state?.closed_questions ?? []);
  return placed(paper).filter(
    ({ question }) =>
      question.required && !closed.has(question.question_id) && !isComplete(question, answers[question.question_id]?.value),
  );
}
