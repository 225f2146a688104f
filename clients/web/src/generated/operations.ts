// Generated from protocol/operations.py by `python -m clients.generate`. Do not edit.

import type { Operation } from "./messages";

/**
 * `about` names the fields that say what the operation is about: of two of the same kind that agree in them, the
 * later one counts.
 *
 * `waits`: it stays on the device while the clock stands. `kept`: the device keeps it; what it does not keep the
 * candidate is asked for again after a crash, and it ends with the attempt. `aside`: where it alone does not get
 * through, what comes after it need not wait. `told`: a page shows why it was refused; what is not told costs the
 * candidate nothing, and answers, the start and handing in are told in places of their own. `closes`: answers given
 * before it are refused after it, so it leaves only when everything before it is settled.
 *
 * `path` is the last part of its address over REST; nil: an endpoint of its own takes it. `misfits` are the refusals
 * that say that it does not fit this attempt, beside those of its kind.
 */
export interface Handling {
  about: readonly string[];
  waits: boolean;
  kept: boolean;
  aside: boolean;
  told: boolean;
  closes: boolean;
  path: string | null;
}

/** One row for each operation. */
export const OPERATIONS = {
  start: { about: [], waits: false, kept: false, aside: false, told: false, closes: false, path: null },
  answer: { about: ["question_id"], waits: true, kept: true, aside: false, told: false, closes: false, path: null },
  flag: { about: ["question_id"], waits: true, kept: true, aside: true, told: true, closes: false, path: "flags" },
  progress: { about: [], waits: true, kept: true, aside: true, told: false, closes: false, path: "progress" },
  enter: { about: ["section_id"], waits: true, kept: false, aside: false, told: true, closes: true, path: "section" },
  receipt: { about: ["message_id", "seen"], waits: false, kept: true, aside: true, told: false, closes: false, path: "receipts" },
  raise_hand: { about: [], waits: false, kept: true, aside: true, told: true, closes: false, path: "hand" },
  give_consent: { about: ["source"], waits: false, kept: true, aside: true, told: true, closes: false, path: "consents" },
  observe: { about: ["signal"], waits: false, kept: false, aside: true, told: false, closes: false, path: "observations" },
  submit: { about: [], waits: true, kept: false, aside: false, told: false, closes: true, path: null },
} as const satisfies Record<Operation["t"], Handling>;
