/** What the operations of one attempt are made of, and what can be told from one alone. */

import type { Operation, SavedAnswer } from "../generated/messages";
import { OPERATIONS } from "../generated/operations";

type WithoutNumber<O> = O extends unknown ? Omit<O, "n"> : never;
export type OperationBody = WithoutNumber<Operation>;

/** Operations that are a call of their own over REST, at the address that the table gives them. */
export type PlainOperation = Extract<Operation, { t: Plain }>;
type Plain = { [T in Operation["t"]]: (typeof OPERATIONS)[T]["path"] extends string ? T : never }[Operation["t"]];
/** What a page says of one: its number and its time are added. */
export type PlainBody = PlainOperation extends infer O ? (O extends unknown ? Omit<O, "n" | "client_at_ms"> : never) : never;

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

/** What it is about: of two about the same thing the later one counts. */
export function subject(body: OperationBody): string {
  const fields: Readonly<Record<string, unknown>> = { ...body };
  return [body.t, ...OPERATIONS[body.t].about.map((name) => String(fields[name]))].join(" ");
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

export function isTold({ t }: OperationBody): boolean {
  return OPERATIONS[t].told;
}

/** Answers given before it are refused after it. */
export function closes({ t }: OperationBody): boolean {
  return OPERATIONS[t].closes;
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
