/** The texts of marking by hand. */

import type { QueuedAnswer } from "../../generated/rest";

const answers = (n: number): string => (n === 1 ? "1 answer" : `${n} answers`);

export const STAGE: Record<QueuedAnswer["stage"], string> = {
  first: "First mark",
  second: "Second mark",
  decision: "Decision",
};

export const M = {
  title: "Marking",
  back: "All tests",
  failed: "The server could not be reached. Please try again.",
  loading: "Loading…",
  words: (n: number) => (n === 1 ? "1 word" : `${n} words`),
  file: { save: "Save the file", missing: "The file can't be fetched now. Try again." },
  queue: {
    waiting: (n: number) => (n === 0 ? "Nothing waits for a mark." : n === 1 ? "1 answer waits for a mark." : `${answers(n)} wait for a mark.`),
    by: "In the order of",
    orders: { question: "questions", candidate: "candidates" },
    question: "Only answers to",
    every: (n: number) => `all questions (${n})`,
    one: (id: string, n: number) => `${id} (${n})`,
    user: "Only of the candidate (id)",
    only: "Only answers of",
    only_hers: "Only the answers of this candidate",
    everybody: "Show everybody",
    nothing: "No answer like this waits.",
    next: "Mark the next one",
    mark: "Mark",
    go_on: "Go on",
    look: "Look again",
    more: "Show more",
    columns: { candidate: "Candidate", question: "Question", stage: "Waits for", state: "State" },
    returned: "Changed after it was marked",
    claimed: "Somebody else marks it",
    yours: "In your hands",
    none: "There is nothing here for you to mark now. What others have in hand, and what you have marked yourself, is not given to you.",
    end: "That was the last one in this order. What you skipped is still waiting.",
    taken: "This answer is not yours to mark now: somebody else has it in hand, or the mark that it waits for can't be yours.",
  },
  task: {
    label: (candidate: string, question: string) => `${candidate}, question ${question}`,
    question: "Question",
    guidance: "Guidance for markers",
    empty: "(no answer)",
    answer: "Answer",
    second: "Second mark: you don't see the first one.",
    decide: (points: string, percent: number) => `Two markers differ by ${points} (${percent} % of the points). You decide.`,
    given: (at: number) => `Mark ${at}`,
    points: (mpt: string, max: string) => `${mpt} of ${max}`,
    returned: "After somebody marked it, the candidate changed this answer, or what it is worth was changed.",
    outdated: (mpt: string) => `The answer before that was given ${mpt}.`,
    score: (range: string) => `Points (${range})`,
    remark: "Remark for the candidate",
    bad: (range: string) => `Write points from ${range}, with at most three decimal places.`,
    save: "Save and next",
    saving: "Saving…",
    saved: (candidate: string, points: string) => `Saved: ${points} for ${candidate}.`,
    skip: "Skip",
    stop: "Back to the list",
    keys: "Enter in the points saves and shows the next answer; in the remark, Ctrl + Enter does.",
    lost: "The answer is not in your hands any more: it took too long, and somebody else may mark it. Go back to the list, or save if nobody has it.",
    changed: "The answer, or what it is worth, has changed since you opened it. Look at it again before you save.",
  },
} as const;
