/**
 * What a page keeps in its last moment. A page that goes has no time for a transaction of IndexedDB: what was typed in the
 * same instant would be lost. This is synchronous, and holds only what was still in the queue.
 */

import type { StoredEntry } from "../core/operation";
import type { SmallStorage } from "./browser-storage";

export interface LastWords {
  /** None: what was put before is forgotten. */
  put(attempt_id: string, entries: readonly StoredEntry[]): void;
  read(attempt_id: string): StoredEntry[];
}

const PREFIX = "pencilsdown last words ";

export class StoredLastWords implements LastWords {
  constructor(private readonly storage: SmallStorage) {}

  put(attempt_id: string, entries: readonly StoredEntry[]): void {
    if (entries.length === 0) this.storage.removeItem(PREFIX + attempt_id);
    else this.storage.setItem(PREFIX + attempt_id, JSON.stringify(entries));
  }

  read(attempt_id: string): StoredEntry[] {
    try {
      const text = this.storage.getItem(PREFIX + attempt_id);
      return text === null ? [] : (JSON.parse(text) as StoredEntry[]);
    } catch (error) {
      console.warn("could not read the last words", error);
      return [];
    }
  }
}
