/** What the operations of one attempt are made of, and what can be told from one alone. */

import type { Operation, SavedAnswer } from "../generated/messages";

type WithoutNumber<O> = O extends unknown ? Omit<O, "n"> : never;
export type OperationBody = WithoutNumber<Operation>;

/** What is stored on the device. `key` is its place in the queue. */
export interface StoredEntry {
  key: number;
  n: number | null;
  body: OperationBody;
  /** The highest number that the server was known to have accepted when the candidate began this. */
  base: number;
}

/** How long an edit waits: for `quiet_ms` without another one, and `most_ms` at most. */
export interface Pace {
  quiet_ms: number;
  most_ms: number;
}

type Kind = OperationBody["t"];

interface Traits<K extends Kind> {
  /** What it is about: of two about the same thing the later one counts. */
  subject: (body: Extract<OperationBody, { t: K }>) => string;
  /** It waits while the clock stands. */
  waits: boolean;
  /** The device keeps it. What it does not keep the candidate is asked for again after a crash, and it ends with the attempt. */
  kept: boolean;
  /** Where it alone does not get through, what comes after it need not wait. */
  aside: boolean;
}

/** One row for each operation. */
const OPERATIONS: { [K in Kind]: Traits<K> } = {
  start: { subject: ({ t }) => t, waits: false, kept: false, aside: false },
  answer: { subject: ({ t, question_id }) => `${t} ${question_id}`, waits: true, kept: true, aside: false },
  flag: { subject: ({ t, question_id }) => `${t} ${question_id}`, waits: true, kept: true, aside: true },
  progress: { subject: ({ t }) => t, waits: true, kept: true, aside: true },
  receipt: { subject: ({ t, message_id, seen }) => `${t} ${message_id} ${seen}`, waits: false, kept: true, aside: true },
  raise_hand: { subject: ({ t }) => t, waits: false, kept: true, aside: true },
  submit: { subject: ({ t }) => t, waits: true, kept: false, aside: false },
};

export function subject(body: OperationBody): string {
  return (OPERATIONS[body.t] as Traits<Kind>).subject(body);
}

export function waits({ t }: OperationBody): boolean {
  return OPERATIONS[t].waits;
}

export function isKept({ t }: OperationBody): boolean {
  return OPERATIONS[t].kept;
}

export function isAside({ t }: OperationBody): boolean {
  return OPERATIONS[t].aside;
}

/** Where the candidate is, as far as this operation says it. */
export function positionOf(body: OperationBody): number | null {
  return body.t === "progress" ? body.question_index : body.t === "answer" ? body.position : null;
}

/** Whether the answer that the server holds is this operation, whose ack was lost, or its number with it. */
export function isThis({ n, body }: StoredEntry, theirs: SavedAnswer): boolean {
  return (
    (n === null || n === theirs.n) &&
    body.t === "answer" &&
    body.question_id === theirs.question_id &&
    JSON.stringify(body.value) === JSON.stringify(theirs.value)
  );
}
