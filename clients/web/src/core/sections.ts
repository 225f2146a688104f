/**
 * The sections of a paper, and what of them is open to this candidate. In most tests all questions are open at once. In others
 * one section is sat after the other: the server then gives the questions of the open one alone.
 */

import type { AttemptState } from "../generated/messages";
import type { Paper, PaperQuestion, PaperSection } from "../generated/rest";
import { clockOf, isOver } from "./clocks";

/** A question, its place in the whole paper, from 0, and its number, from 1: information, which asks nothing, has none. */
export interface Placed {
  question: PaperQuestion;
  position: number;
  number: number | null;
}

/** Whether something is asked: information is only read, and counted nowhere. */
function asks({ interactions }: PaperQuestion): boolean {
  return interactions.length > 0;
}

/** How many questions the paper has from this place on, with those that can't be read yet. */
export function askedFrom({ sections, questions }: Paper, from: number): number {
  if (sections.length === 0) return questions.slice(from).filter(asks).length;
  return sections.reduce((sum, { first, count, unasked = 0 }) => (first < from ? sum : sum + count - unasked), 0);
}

/** How many places it has, with those of information. */
export function placesOf({ sections, questions }: Paper): number {
  return sections.reduce((sum, { count }) => sum + count, 0) || questions.length;
}

export type SectionStatus = "open" | "closed" | "next" | "later";

/** Whether sections are sat one after the other. The first one is entered by the start itself. */
export function isBySection(state: AttemptState | null): boolean {
  return state !== null && (state.section_id !== null || state.closed_sections.length > 0);
}

/** The section with this id; undefined: none, or not on the paper. */
export function sectionOf(paper: Paper | null, section_id: string | null): PaperSection | undefined {
  return section_id === null ? undefined : paper?.sections.find((section) => section.section_id === section_id);
}

export function sectionAt(paper: Paper, position: number): PaperSection | undefined {
  return paper.sections.find(({ first, count }) => first <= position && position < first + count);
}

/** The section that may be entered next; undefined: none is left. */
export function nextSection(paper: Paper, state: AttemptState): PaperSection | undefined {
  const begun = new Set([...state.closed_sections, state.section_id]);
  return paper.sections.find(({ section_id }) => !begun.has(section_id));
}

export function statusOf(paper: Paper, state: AttemptState, section: PaperSection): SectionStatus {
  if (!isBySection(state) || section.section_id === state.section_id) return "open";
  if (section.section_id !== null && state.closed_sections.includes(section.section_id)) return "closed";
  return section === nextSection(paper, state) ? "next" : "later";
}

/** Every section was sat and has closed: nothing is left but to hand in. */
export function allClosed(paper: Paper, state: AttemptState): boolean {
  return isBySection(state) && state.section_id === null && nextSection(paper, state) === undefined;
}

/** The questions that the paper has, each with its place. */
export function placed(paper: Paper): Placed[] {
  const first = sectionOf(paper, paper.section_id)?.first ?? 0;
  let asked = askedFrom(paper, 0) - askedFrom(paper, first);
  return paper.questions.map((question, index) => ({ question, position: first + index, number: asks(question) ? ++asked : null }));
}

/** Whether the paper has the questions that are to be answered now. */
export function isReadable(paper: Paper, state: AttemptState): boolean {
  return !isBySection(state) || state.section_id === null || paper.section_id === state.section_id;
}

/** Whether a question at this place can be gone to: the server refuses it elsewhere than in the open section. */
export function isOpenAt(paper: Paper | null, state: AttemptState | null, position: number): boolean {
  if (!isBySection(state) || state === null) return true;
  const section = sectionOf(paper, state.section_id);
  return section !== undefined && section.first <= position && position < section.first + section.count;
}

/** The nearest place at which the candidate can be. */
export function within(paper: Paper | null, state: AttemptState | null, position: number): number {
  const section = sectionOf(paper, state?.section_id ?? null);
  if (section === undefined) return position;
  return Math.max(section.first, Math.min(position, section.first + section.count - 1));
}

/** Why nothing can be changed here now; null: it can. */
export type Shut = "section" | "question";

/** Whether the time of the open section, or of this question, is up. `question_id` nil: only the section counts. */
export function shutBy(state: AttemptState | null, question_id: string | null, server_now: number): Shut | null {
  if (state?.status !== "in_progress") return null;
  if (state.section_id !== null && isOver(clockOf(state, "section", state.section_id), server_now)) return "section";
  if (question_id === null) return null;
  if (state.closed_questions.includes(question_id)) return "question";
  return isOver(clockOf(state, "question", question_id), server_now) ? "question" : null;
}


/**
 * Whether this question waits for its own time to begin, or to run on: the server has to hear that she is there, so without a connection
 * (`silent`) its clock stands, and it must not be read. Of a clock that runs the page knows when it ends.
 */
export function waitsForItsTime(state: AttemptState | null, question: PaperQuestion, silent: boolean): boolean {
  if (!silent || question.limit_ms === null || state?.status !== "in_progress" || state.closed_questions.includes(question.question_id)) return false;
  return clockOf(state, "question", question.question_id).deadline_ms === null;
}
