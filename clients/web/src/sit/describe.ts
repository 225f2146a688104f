/** An answer in the words of its question. */

import { isAnswered } from "../core/candidate";
import type { Value } from "../generated/messages";
import type { PaperQuestion } from "../generated/rest";

const LONGEST = 120;

export function describe(question: PaperQuestion, value: Value): string {
  if (!isAnswered(value) || value === null) return "–";
  const name = (id: string): string => question.options.find((option) => option.option_id === id)?.text ?? id;
  const text = Array.isArray(value) ? value.map(name).join(", ") : name(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
