/** Answers and sections in words. */

import { isAnswered } from "../core/candidate";
import { partOf } from "../core/parts";
import type { PartValue, Value } from "../generated/messages";
import type { Paper, PaperInteraction, PaperQuestion, PaperSection } from "../generated/rest";
import { plainText } from "../core/places";
import { S } from "./strings";

const LONGEST = 120;

export function describe(question: PaperQuestion, value: Value): string {
  if (!isAnswered(value) || value === null) return "–";
  const text = question.interactions.map((asked) => words(asked, partOf(question, value, asked.response_id))).join("; ");
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function words(asked: PaperInteraction, part: PartValue | null): string {
  if (part === null || !isAnswered(part)) return "–";
  const options = "options" in asked ? asked.options : [];
  const name = (id: string): string => {
    const option = options.find(({ option_id }) => option_id === id);
    return option === undefined ? id : plainText(option.body);
  };
  return Array.isArray(part) ? part.map((one) => (typeof one === "string" ? name(one) : one.map(name).join(" → "))).join(", ") : name(part);
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
