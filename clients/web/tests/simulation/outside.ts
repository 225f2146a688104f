/** What a browser gives a page, from a seed and in virtual time: clocks, chance, a timer, storage. */

import type { StoredEntry } from "../../src/core/operation";
import type { Changes } from "../../src/core/entries";
import type { SmallStorage } from "../../src/io/browser-storage";
import type { Device } from "../../src/io/device";
import type { LastWords } from "../../src/io/last-words";
import { MemoryStore, NOTHING, type AcknowledgedChanges, type Kept, type RefusedChanges } from "../../src/io/store";

/** Small and good enough: the same numbers on every machine (mulberry32). */
export function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Timer {
  at: number;
  order: number;
  call: () => void;
}

/** A device whose time is what the simulation says. */
export class SimulatedDevice implements Device {
  now = 0;
  /** How far the wall clock is off. */
  wrong_ms = 0;
  private order = 0;
  private readonly timers = new Set<Timer>();

  constructor(readonly random: () => number) {}

  local(): number {
    return this.now;
  }

  wall(): number {
    return Math.max(1, this.now + this.wrong_ms);
  }

  after(ms: number, call: () => void): () => void {
    const timer = { at: this.now + Math.max(0, Math.ceil(ms)), order: this.order++, call };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  /** When the next timer rings; null: none does. */
  next(): number | null {
    return this.first()?.at ?? null;
  }

  /** Rings one timer that is due; false: none is. */
  ring(): boolean {
    const timer = this.first();
    if (timer === null || timer.at > this.now) return false;
    this.timers.delete(timer);
    timer.call();
    return true;
  }

  private first(): Timer | null {
    let found: Timer | null = null;
    for (const timer of this.timers) {
      if (found === null || timer.at < found.at || (timer.at === found.at && timer.order < found.order)) found = timer;
    }
    return found;
  }
}

/** The database of one browser. A page that is reloaded finds in it what the page before has written. */
export class SimulatedStore extends MemoryStore {
  override readonly durable = true;
  private readonly entries = new Map<number, StoredEntry>();
  private readonly refused = new Map<string, Kept["refused"][number]>();
  private readonly saved = new Map<string, Kept["acknowledged"]["saved"][number]>();
  private heard: Omit<Kept["acknowledged"], "saved"> = NOTHING;

  override forget(attempt_id: string): Promise<void> {
    for (const kept of [this.entries, this.refused, this.saved]) kept.clear();
    this.heard = NOTHING;
    return super.forget(attempt_id);
  }

  override load(): Promise<Kept> {
    const { entries, refused, saved, heard } = this;
    const acknowledged = { ...heard, saved: [...saved.values()] };
    return Promise.resolve(structuredClone({ entries: [...entries.values()], refused: [...refused.values()], acknowledged }));
  }

  override write(_: string, { put, removed }: Changes, refused: RefusedChanges, acknowledged: AcknowledgedChanges | null): Promise<void> {
    for (const entry of put) this.entries.set(entry.key, structuredClone(entry));
    for (const key of removed) this.entries.delete(key);
    for (const [question_id, draft] of refused) {
      if (draft === null) this.refused.delete(question_id);
      else this.refused.set(question_id, structuredClone(draft));
    }
    if (acknowledged !== null) {
      if (acknowledged.whole) this.saved.clear();
      for (const answer of acknowledged.saved) this.saved.set(answer.question_id, structuredClone(answer));
      this.heard = structuredClone({ seen: acknowledged.seen, n: acknowledged.n, told: acknowledged.told });
    }
    return Promise.resolve();
  }
}

export class SimulatedWords implements LastWords {
  private left: StoredEntry[] = [];

  put(_: string, entries: readonly StoredEntry[]): void {
    this.left = structuredClone([...entries]);
  }

  read(): StoredEntry[] {
    return structuredClone(this.left);
  }
}

/** A tab's storage. */
export function tabStorage(kept: Map<string, string>): SmallStorage {
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
}

/** What outlives a page: its browser's database, and what its tab holds. */
export class Browser {
  readonly store = new SimulatedStore();
  readonly words = new SimulatedWords();
  readonly tab = new Map<string, string>();
}
