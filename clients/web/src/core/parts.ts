/** The parts of an answer: one for each interaction of its question. */

import type { PartValue, Value } from "../generated/messages";
import type { PaperInteraction, PaperQuestion } from "../generated/rest";
import { isAnswered } from "./candidate";
import { MAX_ANSWER_CHARS } from "../generated/limits";
import { countChars, wellFormed } from "./format";
import { isRich, textOf } from "./rich";

function isRecord(value: Value | undefined): value is Record<string, PartValue> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The answer to one of the question's interactions; null: none. */
export function partOf(question: PaperQuestion, value: Value | undefined, response_id: string): PartValue | null {
  if (question.interactions.length > 1) return isRecord(value) && Object.hasOwn(value, response_id) ? (value[response_id] ?? null) : null;
  return value === undefined || isRecord(value) ? null : value;
}

/** The answer with another part; null: without it. In the order of the paper, so that the same answer is always told alike. */
export function withPart(question: PaperQuestion, value: Value, response_id: string, part: PartValue | null): Value {
  if (question.interactions.length === 1) return part;
  const record: Record<string, PartValue> = {};
  for (const { response_id: name } of question.interactions) {
    const one = name === response_id ? part : partOf(question, value, name);
    if (one !== null) record[name] = one;
  }
  return Object.keys(record).length > 0 ? record : null;
}

/** How many of its interactions are answered. */
export function countAnswered(question: PaperQuestion, value: Value | undefined): number {
  return question.interactions.filter(({ response_id }) => isAnswered(partOf(question, value, response_id))).length;
}

/** Whether every interaction is answered: a required question is a gap until then. */
export function isComplete(question: PaperQuestion, value: Value | undefined): boolean {
  return countAnswered(question, value) === question.interactions.length;
}

/** The most characters that this interaction takes; null: nothing is typed. */
export function mostChars(asked: PaperInteraction): number | null {
  return "max_chars" in asked ? asked.max_chars : null;
}

/** By how many characters a part of the answer is too long; 0: none is. */
export function overLength(question: PaperQuestion, value: Value): number {
  const over = question.interactions.map((asked) => {
    const part = partOf(question, value, asked.response_id);
    const most = mostChars(asked);
    return typeof part === "string" && most !== null ? overBy(asked, part, most) : 0;
  });
  return Math.max(0, ...over);
}

/** Rich text may be too long by its text, or by what its markup makes of it. */
function overBy(asked: PaperInteraction, part: string, most: number): number {
  if (!isRich(asked)) return countChars(part) - most;
  return Math.max(countChars(textOf(part)) - most, countChars(part) - MAX_ANSWER_CHARS);
}

/** The length of all texts in it. */
export function textLength(value: Value): number {
  const parts = isRecord(value) ? Object.values(value) : [value];
  return parts.reduce((sum: number, part) => sum + (typeof part === "string" ? part.length : 0), 0);
}

/** The answer as it can be sent: without halves of characters. */
export function sendable(value: Value): Value {
  if (isRecord(value)) return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, typeof part === "string" ? wellFormed(part) : part]));
  return typeof value === "string" ? wellFormed(value) : value;
}
