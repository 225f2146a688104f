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

/** What an operation is about: of two about the same thing the later one counts. */
export function subject(body: OperationBody): string {
  switch (body.t) {
    case "answer":
    case "flag":
      return `${body.t} ${body.question_id}`;
    case "receipt":
      return `receipt ${body.message_id} ${body.seen}`;
    default:
      return body.t;
  }
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
