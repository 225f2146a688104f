/**
 * The way back into an attempt, on the device and in the tab: the token, the paper, whose it is. It is there while the
 * attempt can be gone on with, and goes when it has ended. The device may have another user then. In the tab it stays while
 * the device has answers that the server did not take: the candidate must be able to see them.
 */

import { hasEnded } from "../core/candidate";
import { testClock } from "../core/clocks";
import type { AttemptState } from "../generated/messages";
import type { Paper } from "../generated/rest";
import { strip, type AttemptRecord, type Store } from "./store";

/** What of this the tab holds. */
export interface TabPlace {
  enter(record: AttemptRecord): void;
  leave(record: AttemptRecord): void;
}

export class WayBack {
  private ended = false;
  private frozen = false;
  private working: Promise<void> = Promise.resolve();
  private readonly record: AttemptRecord;

  constructor(
    record: AttemptRecord,
    private readonly store: Store,
    private readonly tab: TabPlace,
  ) {
    this.record = { ...record };
  }

  /** The device that this browser was let in as, by this page or by one before it. */
  get device(): string | undefined {
    return this.record.device;
  }

  /** What the server says of the attempt, and the device that it has let in. */
  told(title: string, candidate_name: string, device: string): void {
    const { record } = this;
    if (record.title === title && record.candidate_name === candidate_name && record.device === device) return;
    Object.assign(record, { title, candidate_name, device });
    this.put();
  }

  paper(paper: Paper): void {
    this.record.paper = paper;
    this.put();
  }

  /** `settled`: nothing is left that the device must keep for the candidate. */
  state(state: AttemptState, kept: Promise<unknown>): void {
    const { closes_at_ms } = testClock(state);
    if (hasEnded(state.status)) {
      this.ended = true;
      // First what was settled leaves the device: then it shows whether anything has to stay.
      this.queue(async () => {
        await kept;
        if ((await strip(this.record, this.store)) && this.ended) this.tab.leave(this.record);
      });
    } else if (this.ended || this.record.closes_at_ms !== closes_at_ms) {
      if (this.ended) this.tab.enter(this.record);
      this.ended = false;
      this.record.closes_at_ms = closes_at_ms;
      this.put();
    }
  }

  /** The device has lost it, or the page is about to go: it is put down once more. */
  again(): void {
    if (this.ended) return;
    this.tab.enter(this.record);
    this.put();
  }

  freeze(): void {
    this.frozen = true;
  }

  thaw(): void {
    this.frozen = false;
    this.again();
  }

  private put(): void {
    if (this.ended || this.frozen) return;
    const record = { ...this.record };
    this.queue(() => this.store.putAttempt(record));
  }

  /** One after the other: what is put must not come after what is taken away. */
  private queue(work: () => Promise<void>): void {
    this.working = this.working.then(work).catch((error: unknown) => console.warn("the way back could not be kept", error));
  }
}
