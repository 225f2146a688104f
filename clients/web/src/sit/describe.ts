/** Answers and sections in words. */

import { isAnswered } from "../core/candidate";
import type { Value } from "../generated/messages";
import type { Paper, PaperQuestion, PaperSection } from "../generated/rest";
import { S } from "./strings";

const LONGEST = 120;

export function describe(question: PaperQuestion, value: Value): string {
  if (!isAnswered(value) || value === null) return "–";
  const name = (id: string): string => question.options.find((option) => option.option_id === id)?.text ?? id;
  const text = Array.isArray(value) ? value.map(name).join(", ") : name(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** "Part 2 of 3": the title is the author's, and stands by itself. */
export function nameOf(paper: Paper, section: PaperSection): string {
  return S.section.part(numberOf(paper, section), paper.sections.length);
}

/** "part 2", within a sentence. */
export function shortNameOf(paper: Paper, section: PaperSection): string {
  return S.section.short(numberOf(paper, section));
}

function numberOf(paper: Paper, section: PaperSection): number {
  return paper.sections.indexOf(section) + 1;
}
