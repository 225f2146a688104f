/** The texts of the preview of a test. */

import { formatDuration, formatPoints } from "../../core/format";

const count = (n: number, one: string, more: string): string => `${n} ${n === 1 ? one : more}`;

const TOOLS: Partial<Record<string, string>> = {
  strike_out: "striking out options",
  line_focus: "line focus",
  notes: "notes",
  highlighter: "highlighter",
  calculator: "calculator",
  scientific_calculator: "scientific calculator",
};

export const V = {
  title: "Preview",
  about: "The paper as a candidate sees it. Nothing here can be answered.",
  failed: "The server could not be reached. Please try again.",
  code: "This page could not be loaded. Reload it.",
  loading: "Loading…",
  again: "Try again",
  form: "Form",
  version: "Version",
  seed: (seed: number) => `Paper ${seed + 1}`,
  other: "Another candidate's paper",
  keys: "Show keys",
  print: "Print",
  whole: (questions: number, mpt: number, duration_ms: number | null) =>
    `${count(questions, "question", "questions")}, ${points(mpt)}, ${duration_ms === null ? "no time limit" : formatDuration(duration_ms)}`,
  instructions: "Instructions",
  time: (ms: number) => `Its own time: ${formatDuration(ms)}`,
  tools: (names: readonly string[]) => `Tools beside the questions: ${names.map((name) => TOOLS[name] ?? name).join(", ")}`,
  required: "An answer is required",
  points,
  key: "Key",
  part: (n: number) => `Part ${n}`,
  wrong: (mpt: number) => `A wrong answer takes ${points(mpt)} away.`,
  above: "The right answer is shown above.",
  person: "A person marks it.",
  right: "right",
  said: "Said of every answer",
  saidFrom: (permille: number) => `Said from ${permille / 10} % on`,
  findings: (n: number) => (n === 0 ? "Nothing to look at was found." : `${count(n, "thing", "things")} to look at`),
};

function points(mpt: number): string {
  return `${formatPoints(mpt)} ${mpt === 1000 ? "point" : "points"}`;
}
