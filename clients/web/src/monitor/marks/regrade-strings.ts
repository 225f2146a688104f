/** The texts of marking again. */

const attempts = (n: number): string => (n === 1 ? "1 attempt" : `${n} attempts`);

export const G = {
  open: "Mark again with other keys",
  title: "Mark again with other keys",
  about: "All ended attempts are marked by the keys of one version of the test; whoever still sits is marked by them when she hands in. Marks that persons gave stay. Try it first: that changes nothing.",
  version: "Keys of version",
  newest: (n: number) => `${n} (the newest)`,
  reason: "Reason (kept with every attempt)",
  try: "Try it",
  trying: "Working it out…",
  failed: "The server could not be reached. Please try again.",
  unsure: "The server could not be reached, so it is not known whether marking began. Sent again, it still happens only once.",
  nothing: (n: number) => `No score would change, in ${attempts(n)} that have marks.`,
  totals: {
    changed: (n: number, of: number) => `${n} of ${attempts(of)} would change`,
    gain: (n: number, sum: string, most: string) => `${n} gain points: ${sum} together, ${most} at most`,
    lose: (n: number, sum: string, most: string) => `${n} lose points: ${sum} together, ${most} at most`,
    grades: (n: number) => (n === 1 ? "1 grade changes" : `${n} grades change`),
  },
  columns: { who: "Candidate", scores: "Score", change: "Change", grade: "Grade" },
  no_grade: "none",
  more: "Show more",
  apply: (n: number) => `Mark ${attempts(n)} again`,
  again: "Send it again",
  applying: "Beginning…",
  progress: (through: number) => `${attempts(through)} marked again so far…`,
  done: (done: number) => `Done: these keys are in force for ${attempts(done)}.`,
  refused: (n: number) => `${attempts(n)} could not be marked again: reopened, cancelled or erased meanwhile.`,
  goes_on: "It goes on when you close this.",
  close: "Close",
} as const;
