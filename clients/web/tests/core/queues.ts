/** Queues and operations for tests. */

import type { OperationBody, StoredEntry } from "../../src/core/operation";
import { Queue } from "../../src/core/queue";

export const answer = (question_id: string, value: string): OperationBody => ({
  t: "answer",
  question_id,
  value,
  position: null,
  client_at_ms: 0,
});
/** An edit that waits for 800 ms without another, and 5 s at most. */
export const TYPED = { quiet_ms: 800, most_ms: 5_000 };
export const receipt = (message_id: string): OperationBody => ({ t: "receipt", message_id, seen: true, client_at_ms: 0 });
export const enter: OperationBody = { t: "enter", section_id: "writing", client_at_ms: 0 };
export const submit: OperationBody = { t: "submit", client_at_ms: 0 };
export const start: OperationBody = { t: "start", access_code: null, client_at_ms: 0 };

export function connected(last_n = 0): Queue {
  const queue = new Queue();
  queue.connected(last_n);
  return queue;
}

export const numbers = (queue: Queue, now = 0): number[] => queue.take(now).map(({ n }) => n);

/** What a page that was reloaded finds on the device. */
export function reloaded(...queues: Queue[]): Queue {
  const stored = new Map<number, StoredEntry>();
  for (const queue of queues) {
    const { put, removed } = queue.entries.changes();
    for (const entry of put) stored.set(entry.key, entry);
    for (const key of removed) stored.delete(key);
  }
  return new Queue([...stored.values()]);
}
