/** Carries numbered operations over REST: answers in batches, the rest one by one, in the order of their numbers. */

import type { PlainOperation } from "../core/operation";
import { ABOUT_THE_CONNECTION } from "../core/remedy";
import type { Operation, Answer } from "../generated/messages";
import { OPERATIONS } from "../generated/operations";
import type { OperationRefused, OperationsReply, Problem, StateReply } from "../generated/rest";
import { RestRefused, type Rest } from "./rest";

export interface Outcome {
  acked: number[];
  /** REST does not number these. */
  done: "start" | "submit" | null;
  refused: OperationRefused[];
  at_ms: number;
  reply: OperationsReply | StateReply | null;
}

/** Well below the limit of a body, in bytes: two essays may be one too many. */
const BATCH_BYTES = 200_000;

/** Not signed in, not allowed, no such attempt, another connection in force: nothing is wrong with the operations. */
const ABOUT_THE_CALLER: ReadonlySet<number> = new Set([401, 403, 404]);

function isAboutOperations({ status, code }: Problem): boolean {
  return !ABOUT_THE_CALLER.has(status) && !ABOUT_THE_CONNECTION.has(code);
}

function weight(answer: Answer): number {
  return 400 + 3 * JSON.stringify(answer.value).length;
}

/** The operations of each call. `alone`: numbers of operations that may make the whole call fail. */
export function batches(operations: readonly Operation[], alone: ReadonlySet<number>): Operation[][] {
  const calls: Operation[][] = [];
  let room = 0;
  for (const operation of operations) {
    const last = calls.at(-1);
    const needed = operation.t === "answer" && !alone.has(operation.n) ? weight(operation) : Infinity;
    if (last !== undefined && operation.t === "answer" && last[0]?.t === "answer" && needed <= room) {
      last.push(operation);
      room -= needed;
    } else {
      calls.push([operation]);
      room = BATCH_BYTES - needed;
    }
  }
  return calls;
}

/** One call. Throws `RestUnreachable`, and `RestRefused` where the refusal is about the caller. */
export async function send(rest: Rest, attempt_id: string, connection_id: string, call: readonly Operation[]): Promise<Outcome> {
  try {
    return await request(rest, attempt_id, connection_id, call);
  } catch (error) {
    if (!(error instanceof RestRefused) || !isAboutOperations(error.problem)) throw error;
    const { code, detail, retry } = error.problem;
    const refused = call.map(({ n }, index) => ({ index, n, code, detail, retry }));
    return { acked: [], done: null, refused, at_ms: 0, reply: null };
  }
}

async function request(rest: Rest, attempt_id: string, connection_id: string, call: readonly Operation[]): Promise<Outcome> {
  const first = call[0];
  if (first === undefined) throw new RangeError("an empty call");
  if (hasAddress(first)) return numbered(await rest.operate(attempt_id, connection_id, first));
  switch (first.t) {
    case "answer": {
      const answers = call.filter((operation) => operation.t === "answer").map(({ t: _, ...answer }) => answer);
      return numbered(await rest.answers(attempt_id, { connection_id, answers }));
    }
    case "start": {
      const { access_code, client_at_ms } = first;
      const reply = await rest.start(attempt_id, { connection_id, access_code, client_at_ms });
      return { acked: [], done: "start", refused: [], at_ms: 0, reply };
    }
    case "submit": {
      const { n, client_at_ms } = first;
      return numbered(await rest.complete(attempt_id, { connection_id, n, client_at_ms }));
    }
  }
}

/** What has none has a call of its own. */
function hasAddress(operation: Operation): operation is PlainOperation {
  return OPERATIONS[operation.t].path !== null;
}

function numbered(reply: OperationsReply): Outcome {
  return { acked: reply.acked, done: null, refused: reply.refused, at_ms: reply.committed_at_ms, reply };
}
