/**
 * Keeps an attempt's unsettled, refused and acknowledged answers on the device. Nothing waits for it: it writes one transaction
 * at a time, what changes meanwhile goes with the next, and so does what could not be written. Only when the device has said
 * so, something counts as kept.
 */

import type { Refused } from "../core/candidate";
import { further, type Position } from "../core/position";
import { isTheSame, type Told } from "../core/told";
import type { Queue } from "../core/queue";
import type { SavedAnswer } from "../generated/messages";
import { within, type Device } from "./device";
import type { LastWords } from "./last-words";
import { MemoryStore, NOTHING, PATIENCE_MS, type AcknowledgedChanges, type Kept, type Store } from "./store";

export interface KeeperHandlers {
  /** What is kept, or whether anything can be, has changed. */
  changed(): void;
  /** What is known of the attempt; null: nothing that a later page could go on from. */
  told(): Told | null;
  /** The browser has taken everything away that this device had kept. */
  lost(): void;
}

export class Keeper {
  /** Whether what is typed survives a crash of this browser, as far as is known. */
  durable: boolean;
  private store: Store;
  /** Every refused answer of this attempt. */
  private readonly refused = new Map<string, Refused>();
  private changed_refused = new Map<string, Refused | null>();
  /** Every acknowledged answer of this attempt, as far as this page was told. */
  private readonly saved = new Map<string, SavedAnswer>();
  private seen: Position | null = null;
  /** What the device has of what is told. */
  private told: Told | null = null;
  private is_over = false;
  /** The questions whose acknowledged answer the device does not have yet; "all": nor what it must drop. */
  private changed_saved: Set<string> | "all" = new Set();
  private running: Promise<void> = Promise.resolve();
  private planned: Promise<boolean> | null = null;
  private stopped = false;
  private frozen = false;
  /** The page is about to go, as far as is known. */
  private leaving = false;

  constructor(
    store: Store,
    private readonly last_words: LastWords,
    private readonly attempt_id: string,
    private readonly queue: Queue,
    private readonly device: Pick<Device, "after">,
    private readonly handlers: KeeperHandlers,
  ) {
    this.store = store;
    this.durable = store.durable;
    store.lost = () => this.lost();
  }

  /** Puts what an earlier page left into the queue, and gives the rest. */
  async open(): Promise<Kept> {
    const kept = await this.load();
    for (const draft of kept.refused) this.refused.set(draft.question_id, draft);
    for (const answer of kept.acknowledged.saved) this.saved.set(answer.question_id, answer);
    this.seen = kept.acknowledged.seen;
    this.told = kept.acknowledged.told;
    this.queue.known(kept.acknowledged.n);
    const last = this.last_words.read(this.attempt_id);
    // The last words are newer than what the device has kept.
    const said = new Set(last.map(({ key }) => key));
    this.queue.restore(kept.entries.filter(({ key }) => !said.has(key)), true);
    this.queue.restore(last, false);
    // Where nothing is kept they would come up again at the next time, however old.
    if (last.length > 0) {
      void this.keep().then((is_kept) => {
        if (is_kept || !this.store.durable) this.last_words.put(this.attempt_id, []);
      });
    }
    return kept;
  }

  /** Keeps a refused answer, or (null) forgets it; written with the next `keep`. */
  refuse(question_id: string, draft: Refused | null): void {
    if (draft === null) this.refused.delete(question_id);
    else this.refused.set(question_id, draft);
    this.changed_refused.set(question_id, draft);
  }

  /** The server has welcomed this page with all its answers, as of this position; written with the next `keep`. */
  welcomed({ seq, head }: Position, answers: readonly SavedAnswer[]): void {
    this.saved.clear();
    for (const answer of answers) this.saved.set(answer.question_id, answer);
    this.changed_saved = "all";
    this.seen = { seq, head };
  }

  /** The server has acknowledged an answer; written with the next `keep`. */
  acknowledged(answer: SavedAnswer): void {
    this.saved.set(answer.question_id, answer);
    if (this.changed_saved !== "all") this.changed_saved.add(answer.question_id);
  }

  /** Whether the attempt has ended: then no acknowledged answer stays on a device that may have another user. */
  over(is_over: boolean): void {
    if (this.is_over && !is_over) this.changed_saved = "all";
    this.is_over = is_over;
  }

  /** The server has told of this position of its log as durable; written with the next answer that is acknowledged. */
  saw(position: Position): void {
    this.seen = further(this.seen, position);
  }

  /**
   * Resolves when everything changed so far is written: true if it really is on the device. Where the store does not
   * answer, false comes after a while.
   */
  keep(): Promise<boolean> {
    if (this.stopped || this.frozen) return Promise.resolve(false);
    this.planned ??= this.running.then(() => this.write());
    return this.planned;
  }

  /** The page may be gone in an instant: what is not settled is kept without waiting for anything. */
  leave(): void {
    this.leaving = true;
    if (!this.stopped) this.last_words.put(this.attempt_id, this.queue.entries.stored());
  }

  /** The page is still there after all: once the device's store is right again, the last words are not needed. */
  stay(): void {
    this.leaving = false;
    void this.keep().then((is_kept) => {
      if ((is_kept || !this.store.durable) && !this.leaving && !this.stopped) this.last_words.put(this.attempt_id, []);
    });
  }

  /** Another page may have the attempt meanwhile: nothing may be written over what that one keeps. */
  freeze(): void {
    this.frozen = true;
  }

  thaw(): void {
    this.frozen = false;
    this.stay();
  }

  stop(): void {
    this.stopped = true;
    this.store.lost = () => undefined;
  }

  private async load(): Promise<Kept> {
    try {
      return await within(this.device, PATIENCE_MS, this.store.load(this.attempt_id));
    } catch (error) {
      // What lies there is left alone, for the next time; nothing new may be written over it.
      console.error("could not read what this device has kept", error);
      this.store = new MemoryStore();
      this.durable = false;
      return { entries: [], refused: [], acknowledged: NOTHING };
    }
  }

  private async write(): Promise<boolean> {
    this.planned = null;
    if (this.stopped || this.frozen) return false;
    const changes = this.queue.entries.changes();
    const refused = this.changed_refused;
    this.changed_refused = new Map();
    const changed_saved = this.changed_saved;
    this.changed_saved = new Set();
    const told = this.handlers.told() ?? this.told;
    const acknowledged = this.acknowledgedChanges(changed_saved, told);
    const writing = within(this.device, PATIENCE_MS, this.store.write(this.attempt_id, changes, refused, acknowledged));
    this.running = writing.then(
      () => undefined,
      () => undefined,
    );
    try {
      await writing;
      this.durable = this.store.durable;
      if (this.durable) this.queue.entries.kept(changes);
      if (acknowledged !== null) this.told = told;
    } catch (error) {
      console.error("could not write to the device", error);
      this.queue.entries.unkept(changes);
      this.changed_refused = new Map([...refused, ...this.changed_refused]);
      this.changed_saved = together(changed_saved, this.changed_saved);
      this.durable = false;
    }
    if (!this.stopped) this.handlers.changed();
    return this.durable;
  }

  private acknowledgedChanges(changed: ReadonlySet<string> | "all", told: Told | null): AcknowledgedChanges | null {
    const { seen } = this;
    const n = this.queue.last_accepted;
    const saved = [...this.saved.values()];
    if (this.is_over) return null;
    if (changed === "all") return { seen, n, saved, told, whole: true };
    if (changed.size === 0 && isTheSame(told, this.told)) return null;
    return { seen, n, told, saved: saved.filter(({ question_id }) => changed.has(question_id)), whole: false };
  }

  /** The browser has taken the database away, and what was in it: all of it is written anew. */
  private lost(): void {
    this.queue.entries.lostAll();
    for (const [question_id, draft] of this.refused) this.changed_refused.set(question_id, draft);
    this.changed_saved = "all";
    this.told = null;
    this.handlers.changed();
    this.handlers.lost();
    void this.keep();
  }
}

function together(one: Set<string> | "all", other: Set<string> | "all"): Set<string> | "all" {
  return one === "all" || other === "all" ? "all" : new Set([...one, ...other]);
}
