/** The texts of the statistics. */

import type { Doubt } from "../../core/statistics";
import type { NotCounted, Undefined } from "../../generated/rest";

export const REASON: Record<Undefined["reason"], string> = {
  too_few: "Fewer than two attempts had it.",
  no_variance: "All attempts have the same here.",
  one_question: "Fewer than two questions are worth points.",
  papers_differ: "The papers differ: choose one form or one version.",
};

export const LEFT_OUT: Record<keyof NotCounted, string> = {
  open: "not over",
  unmarked: "waiting for marks",
  abandoned: "abandoned",
  cancelled: "cancelled",
  absent: "absent",
  later: "further attempts of the same candidate",
  erased: "erased",
};

export const DOUBT: Record<Doubt, string> = {
  wrong_way: "Better candidates do worse here: look at the key.",
  key_wrong_way: "Better candidates avoid this right option.",
  option_better: "Better candidates choose this wrong option.",
  nobody: "Nobody chose it.",
};

export const A = {
  title: "Statistics",
  failed: "The server could not be reached. Please try again.",
  loading: "Working it out…",
  about: "Over the first complete attempt of each candidate.",
  meaning:
    "Standard deviation: how far scores usually lie from the mean. Reliability: how well the questions agree with one another; near 1, another test of this kind would put candidates in the same order. Standard error: how far a score usually lies from what the candidate would have on average over many such tests.",
  version: "Version",
  every: "all versions",
  form: "Form (its id; empty: all)",
  show: "Show",
  csv: "Save as CSV",
  none: "No complete attempt is there yet.",
  undefined: "–",
  score: {
    title: "Scores",
    n: "Attempts (n)",
    mean: "Mean",
    sd: "Standard deviation",
    range: "Lowest and highest",
    alpha: "Reliability (alpha)",
    sem: "Standard error of measurement (SEM)",
    left_out: "Left out",
    nobody: "nobody",
  },
  questions: {
    title: "Questions",
    about:
      "n: how many attempts had the question. Facility: the mean share of its points; at 100 % everybody has it right. Discrimination: whether those who do well in the rest of the test do well here too, from −1 to 1; ± is its standard error. Where it lies below 0 by more than two of them, look at the key. Upper − lower: the facility among the best 27 % less that among the weakest 27 %.",
    few: (n: number) =>
      `Fewer than ${n} attempts had some of these questions. Their figures may be chance: this page warns of no such question. Textbooks advise 100 to 200 attempts at the least for an item analysis.`,
    question: "Question",
    n: "n",
    blank: "Blank",
    facility: "Facility",
    discrimination: "Discrimination",
    upper_lower: "Upper − lower",
    unscored: "tried out, worth no points",
    options: "Options",
  },
  option: {
    id: "Option",
    right: "right",
    chosen: "Chosen",
    upper: "Upper",
    lower: "Lower",
    correlation: "Correlation",
  },
} as const;
