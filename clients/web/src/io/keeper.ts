/**
 * Writes an attempt's changes to the device, one transaction at a time; what changes meanwhile goes with the next, and
 * so does what could not be written.
 */

import type { Refused } from "../core/candidate";
import type { Queue } from "../core/queue";
import { within, type Device } from "./device";
import { PATIENCE_MS, type Store } from "./store";

export class Keeper {
  private refused = new Map<string, Refused | null>();
  private running: Promise<void> = Promise.resolve();
  private planned: Promise<boolean> | null = null;

  constructor(
    private readonly store: Store,
    private readonly attempt_id: string,
    private readonly queue: Queue,
    private readonly device: Pick<Device, "after">,
  ) {}

  /** Keeps a refused answer, or (null) forgets it; written with the next `keep`. */
  refuse(question_id: string, draft: Refused | null): void {
    this.refused.set(question_id, draft);
  }

  /**
   * Resolves when everything changed so far is written: true if it really is on the device. Where the store does not
   * answer, false comes after a while: what waits for it is sent all the same.
   */
  keep(): Promise<boolean> {
    this.planned ??= this.running.then(() => {
      this.planned = null;
      const changes = this.queue.changes();
      const refused = this.refused;
      this.refused = new Map();
      const writing = this.store.write(this.attempt_id, changes, refused);
      const kept = within(this.device, PATIENCE_MS, writing).then(
        () => this.store.durable,
        (error: unknown) => {
          console.error("could not write to the device", error);
          this.queue.unkept(changes);
          this.refused = new Map([...refused, ...this.refused]);
          return false;
        },
      );
      this.running = kept.then(() => undefined);
      return kept;
    });
    return this.planned;
  }
}
