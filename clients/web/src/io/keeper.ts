/** Writes an attempt's changes to the device, one transaction at a time; what changes meanwhile goes with the next. */

import type { Refused } from "../core/candidate";
import type { Queue } from "../core/queue";
import type { Store } from "./store";

export class Keeper {
  private refused = new Map<string, Refused | null>();
  private running: Promise<void> = Promise.resolve();
  private planned: Promise<boolean> | null = null;

  constructor(
    private readonly store: Store,
    private readonly attempt_id: string,
    private readonly queue: Queue,
  ) {}

  /** Keeps a refused answer, or (null) forgets it; written with the next `keep`. */
  refuse(question_id: string, draft: Refused | null): void {
    this.refused.set(question_id, draft);
  }

  /** Resolves when everything changed so far is written: true if it really is on the device. */
  keep(): Promise<boolean> {
    this.planned ??= this.running.then(() => {
      this.planned = null;
      const changes = this.queue.changes();
      const refused = this.refused;
      this.refused = new Map();
      const written = this.store.write(this.attempt_id, changes, refused);
      this.running = written.catch(() => undefined);
      return written.then(
        () => this.store.durable,
        (error: unknown) => {
          console.error("could not write to the device", error);
          return false;
        },
      );
    });
    return this.planned;
  }
}
