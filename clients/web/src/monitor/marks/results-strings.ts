/** The texts of a test's results. */

import type { TestResults } from "../../generated/rest";

const WHEN: Record<TestResults["release"], string> = {
  at_once: "Each candidate sees her result as soon as everything is marked.",
  window_closed: "Candidates see their results when the test has closed for everybody.",
  by_staff: "Candidates see their results when you release them.",
};

const WHAT: Record<TestResults["shows"], string> = {
  reference: "They see that they have handed in, and no result.",
  score: "They see their score and grade.",
  questions: "They see their score and grade, and the points of each question once the test has closed for everybody.",
  feedback: "They see their score and grade, and once the test has closed for everybody the points of each question with the author's feedback.",
};

const COUNTS: Record<TestResults["counts"], string> = {
  best: "Of several attempts the best one counts.",
  latest: "Of several attempts the latest one counts.",
  first: "Of several attempts the first one counts.",
  average: "Of several attempts the average counts.",
};

export const R = {
  title: "Results",
  failed: "The server could not be reached. Please try again.",
  loading: "Loading…",
  none: "Nobody has begun this test yet.",
  rules: ({ release, shows, counts }: TestResults): string[] => [shows === "reference" ? WHAT.reference : `${WHEN[release]} ${WHAT[shows]}`, COUNTS[counts]],
  grades: (said: string) => `Grades: ${said}.`,
  grade: (label: string, from: string) => `${label} from ${from}`,
  newest: "These are the rules of the test's newest version. A change of them counts for those who are already done.",
  release: {
    held: "Not released: no candidate sees a result.",
    released: (when: string) => `Released since ${when}.`,
    reason: "Reason (kept in the audit log)",
    button: "Release the results",
    hold: "Hold them back again",
    ask: "Candidates see their results at once. Who looks at the page already is shown hers within half a minute.",
    ask_hold: "Candidates see no results any more when they load the page again. Who has seen hers has seen it.",
    confirm: "Release",
    confirm_hold: "Hold back",
    cancel: "Cancel",
  },
  columns: { candidate: "Candidate", attempts: "Attempts", score: "Counts", grade: "Grade" },
  attempt: (number: number, said: string) => `${number}: ${said}`,
  counts: "counts",
  changed: "marks were changed",
  warnings: (n: number) => (n === 1 ? "1 formal warning" : `${n} formal warnings`),
  awaiting: (n: number) => (n === 1 ? "1 answer waits for a mark" : `${n} answers wait for a mark`),
  nothing: "–",
  waiting: "after the marks",
  regrading: "Attempts are just being marked again. Until that is done candidates see no result that it is about to change, and nothing of theirs counts here.",
  reload: "Look again",
  more: "Show more",
} as const;
