/**
 * The operations of one attempt that are not settled, in the order in which they go out, and what the device must still be
 * told of them. The caller stores what `changes()` names, and says with `kept()` that it is stored.
 */

import { isKept, type OperationBody, type StoredEntry } from "./operation";

export interface Entry extends StoredEntry {
  /** On the wire of the present connection, and not settled. */
  sent: boolean;
  /** Refused for now on the present connection. */
  held: boolean;
  /** When it went out there, in local time. */
  sent_at: number;
  /** As it is, the device has it. */
  kept: boolean;
  /** A draft is not taken before this local time: the candidate may still be typing. */
  ready_at: number;
  /** When the oldest edit in this draft was made. */
  since: number;
}

export interface Changes {
  put: StoredEntry[];
  removed: number[];
}

const UNSENT = { sent: false, held: false, sent_at: 0 };

export class Entries {
  private list: Entry[] = [];
  private next_key = 1;
  private put = new Set<Entry>();
  private removed = new Set<number>();

  get all(): readonly Entry[] {
    return this.list;
  }

  get size(): number {
    return this.list.length;
  }

  /** The greatest number among them; 0: none has one. */
  get highest(): number {
    return Math.max(0, ...this.list.map(({ n }) => n ?? 0));
  }

  /** Takes what an earlier page left; `kept`: the device has it as it is. To be called before anything is added. */
  restore(stored: readonly StoredEntry[], kept: boolean): void {
    for (const entry of [...stored].sort((a, b) => a.key - b.key)) {
      const fresh: Entry = { ...entry, ...UNSENT, kept, ready_at: 0, since: 0 };
      this.list.push(fresh);
      if (!kept) this.put.add(fresh);
      this.next_key = Math.max(this.next_key, entry.key + 1);
    }
    this.list.sort((a, b) => a.key - b.key);
  }

  add(body: OperationBody, base: number, ready_at: number, since: number): void {
    const entry: Entry = { key: this.next_key++, n: null, body, base, ...UNSENT, kept: false, ready_at, since };
    this.list.push(entry);
    this.put.add(entry);
  }

  /** It is not what the device has any more. */
  changed(entry: Entry): void {
    this.put.add(entry);
  }

  remove(entry: Entry): void {
    this.list.splice(this.list.indexOf(entry), 1);
    this.put.delete(entry);
    this.removed.add(entry.key);
  }

  /** What has a number first, by its number, then the rest in the order in which it was added. */
  sort(): void {
    this.list.sort((a, b) => (a.n ?? Infinity) - (b.n ?? Infinity) || a.key - b.key);
  }

  // ── what the device keeps ───────────────────────────────────────────────────────────────────────────────────

  /** All of them. */
  unsettled(): StoredEntry[] {
    return this.list.map(({ key, n, body, base }) => ({ key, n, body, base }));
  }

  /** All of them that are kept on the device. */
  stored(): StoredEntry[] {
    return storable(this.list);
  }

  /**
   * What must be written to the device, since the last time this was asked. Starting and handing in are not kept: after
   * a crash the candidate is asked again.
   */
  changes(): Changes {
    const put = storable([...this.put]);
    for (const entry of this.put) entry.kept = false;
    const removed = [...this.removed];
    this.put.clear();
    this.removed.clear();
    return { put, removed };
  }

  /** These were written. */
  kept({ put }: Changes): void {
    const keys = new Set(put.map(({ key }) => key));
    for (const entry of this.list) if (keys.has(entry.key)) entry.kept = true;
  }

  /** These could not be written: they are told again with the next changes. */
  unkept({ put, removed }: Changes): void {
    const keys = new Set(put.map(({ key }) => key));
    this.list.filter(({ key }) => keys.has(key)).forEach((entry) => this.put.add(entry));
    removed.forEach((key) => this.removed.add(key));
  }

  /** The device has lost what was written: all of it is told again. */
  lostAll(): void {
    for (const entry of this.list) {
      entry.kept = false;
      this.put.add(entry);
    }
  }

  /** The questions whose newest answer is not settled, and is on the device as it is. */
  keptAnswers(): Set<string> {
    const kept = new Map<string, boolean>();
    for (const entry of this.list) {
      if (entry.body.t === "answer") kept.set(entry.body.question_id, entry.kept && !this.put.has(entry));
    }
    return new Set([...kept].filter(([, is]) => is).map(([question_id]) => question_id));
  }
}

function storable(entries: readonly Entry[]): StoredEntry[] {
  const kept = entries.filter(({ body }) => isKept(body));
  return kept.map(({ key, n, body, base }) => ({ key, n, body, base }));
}
