/**
 * What this page keeps on the device (IndexedDB), per attempt: how to come back, the paper, the operations that are not
 * settled, the answers that were refused, and those that the server has acknowledged. The browser's ordinary durability is enough: it survives a crash of the browser,
 * and an operation whose number was lost with the power is simply sent anew.
 *
 * The browser may take the database away at any time (somebody clears the site's data, the disk is full). Then it is opened
 * anew, and the page is told that what was in it may be gone.
 */

import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import type { Refused } from "../core/candidate";
import type { StoredEntry } from "../core/operation";
import type { Position } from "../core/position";
import type { Changes } from "../core/entries";
import type { Told } from "../core/told";
import type { SavedAnswer } from "../generated/messages";
import type { Paper } from "../generated/rest";
import { device, within } from "./device";
import { forgetFiles } from "./paper-files";
import { forgetTools } from "./tool-memory";

/** A browser's database that does not answer for so long is none: an exam can't wait for it. */
export const PATIENCE_MS = 3_000;

export interface AttemptRecord {
  attempt_id: string;
  test_id: string;
  title: string;
  /** Whose attempt it is; empty until the server has said so. */
  candidate_name: string;
  /** Empty: the attempt has ended, or is not to be gone on with here. */
  token: string;
  paper: Paper | null;
  opened_at_ms: number;
  /** When the server stops accepting, as it was last heard of; null: not known, or no limit. */
  closes_at_ms: number | null;
  /** The device that this browser was let in as; missing: it was not. */
  device?: string;
  /** The page of this browser that opened the attempt last; missing: none has. */
  page_id?: string;
}

interface Schema extends DBSchema {
  attempts: { key: string; value: AttemptRecord };
  entries: { key: [string, number]; value: StoredEntry & { attempt_id: string } };
  refused: { key: [string, string]; value: Refused & { attempt_id: string } };
  saved: { key: [string, string]; value: SavedAnswer & { attempt_id: string } };
  seen: { key: string; value: Pick<Acknowledged, "seen" | "n"> & Partial<Pick<Acknowledged, "told">> };
}

/** What the server has acknowledged: a server whose database was restored from an older copy gets it back. */
export interface Acknowledged {
  /** How far the server's log went when this device last heard of it; null: nothing was heard of. */
  seen: Position | null;
  /** The highest number that it had accepted. */
  n: number;
  saved: SavedAnswer[];
  /** All else that the page knew of an attempt that goes on. */
  told: Told | null;
}

export interface AcknowledgedChanges extends Acknowledged {
  /** These are all: what was written before goes. */
  whole: boolean;
}

export interface Kept {
  entries: StoredEntry[];
  refused: Refused[];
  acknowledged: Acknowledged;
}

export const NOTHING: Acknowledged = { seen: null, n: 0, saved: [], told: null };

/** Refused answers: a value to keep, null to forget. */
export type RefusedChanges = ReadonlyMap<string, Refused | null>;

export interface Store {
  /** False: nothing survives the page. A person must be told. */
  readonly durable: boolean;
  /** To be set by whoever writes: what was written may be gone, and must be written again. */
  lost: () => void;
  /** This and the next four never fail. */
  attempts(): Promise<AttemptRecord[]>;
  attempt(attempt_id: string): Promise<AttemptRecord | null>;
  /** Writes the record, unless another page has claimed the attempt since `record` was read. */
  putAttempt(record: AttemptRecord): Promise<void>;
  /** Writes the record of a page that opens the attempt: from here on, only what names its `page_id` overwrites it. */
  claim(record: AttemptRecord & { page_id: string }): Promise<void>;
  /** Forgets the attempt and everything of it. */
  forget(attempt_id: string): Promise<void>;
  load(attempt_id: string): Promise<Kept>;
  /** All of it, or nothing. */
  write(attempt_id: string, changes: Changes, refused: RefusedChanges, acknowledged: AcknowledgedChanges | null): Promise<void>;
}

/** How to come back is a convenience: where it can't be had (the disk is full), the exam goes on. */
const failed =
  <T>(what: string, instead: T) =>
  (error: unknown): T => {
    console.warn(`could not ${what} an attempt on this device`, error);
    return instead;
  };

const ALL = (attempt_id: string): IDBKeyRange => IDBKeyRange.bound([attempt_id], [attempt_id, []]);

type Database = IDBPDatabase<Schema>;

class DeviceStore implements Store {
  readonly durable = true;
  lost: () => void = () => undefined;

  private constructor(
    private readonly name: string,
    private opening: Promise<Database>,
  ) {}

  /** Rejects where the browser allows no database. */
  static async open(name: string): Promise<DeviceStore> {
    const store: DeviceStore = new DeviceStore(name, openDatabase(name, () => store.reopen()));
    await within(device, PATIENCE_MS, store.opening);
    return store;
  }

  attempts(): Promise<AttemptRecord[]> {
    return this.use((db) => db.getAll("attempts")).catch(failed("read", []));
  }

  async attempt(attempt_id: string): Promise<AttemptRecord | null> {
    return (await this.use((db) => db.get("attempts", attempt_id)).catch(failed("read", null))) ?? null;
  }

  async putAttempt(record: AttemptRecord): Promise<void> {
    const putting = this.use(async (db) => {
      const tx = db.transaction("attempts", "readwrite");
      const known = await tx.store.get(record.attempt_id);
      if (known === undefined || known.page_id === record.page_id) await tx.store.put(record);
      await tx.done;
    });
    await putting.catch(failed("write", undefined));
  }

  async claim(record: AttemptRecord & { page_id: string }): Promise<void> {
    await this.use((db) => db.put("attempts", record)).catch(failed("write", ""));
  }

  async forget(attempt_id: string): Promise<void> {
    const forgetting = this.use(async (db) => {
      const tx = db.transaction(["attempts", "entries", "refused", "saved", "seen"], "readwrite");
      void tx.objectStore("attempts").delete(attempt_id);
      void tx.objectStore("entries").delete(ALL(attempt_id));
      void tx.objectStore("refused").delete(ALL(attempt_id));
      void tx.objectStore("saved").delete(ALL(attempt_id));
      void tx.objectStore("seen").delete(attempt_id);
      await tx.done;
    });
    await forgetting.catch(failed("forget", undefined));
  }

  load(attempt_id: string): Promise<Kept> {
    return this.use(async (db) => {
      const entries = await db.getAll("entries", ALL(attempt_id));
      const refused = await db.getAll("refused", ALL(attempt_id));
      const saved = await db.getAll("saved", ALL(attempt_id));
      const { seen, n, told = null } = (await db.get("seen", attempt_id)) ?? NOTHING;
      return {
        entries: entries.map(({ attempt_id: _, ...entry }) => entry),
        refused: refused.map(({ attempt_id: _, ...draft }) => draft),
        acknowledged: { seen, n, told, saved: saved.map(({ attempt_id: _, ...answer }) => answer) },
      };
    });
  }

  write(
    attempt_id: string,
    changes: Changes,
    refused: RefusedChanges,
    acknowledged: AcknowledgedChanges | null,
  ): Promise<void> {
    return this.use(async (db) => {
      const tx = db.transaction(["entries", "refused", "saved", "seen"], "readwrite");
      const entries = tx.objectStore("entries");
      const drafts = tx.objectStore("refused");
      for (const entry of changes.put) void entries.put({ ...entry, attempt_id }, [attempt_id, entry.key]);
      for (const key of changes.removed) void entries.delete([attempt_id, key]);
      for (const [question_id, draft] of refused) {
        if (draft === null) void drafts.delete([attempt_id, question_id]);
        else void drafts.put({ ...draft, attempt_id }, [attempt_id, question_id]);
      }
      if (acknowledged !== null) {
        const { seen, n, saved, told, whole } = acknowledged;
        const answers = tx.objectStore("saved");
        if (whole) void answers.delete(ALL(attempt_id));
        for (const answer of saved) void answers.put({ ...answer, attempt_id }, [attempt_id, answer.question_id]);
        if (seen === null) void tx.objectStore("seen").delete(attempt_id);
        else void tx.objectStore("seen").put({ seen, n, told }, attempt_id);
      }
      await tx.done;
    });
  }

  private async use<T>(work: (db: Database) => Promise<T>): Promise<T> {
    const before = this.opening;
    const db = await before.catch(() => null);
    try {
      if (db !== null) return await work(db);
    } catch (error) {
      if (!isClosed(error)) throw error;
    }
    if (this.opening === before) this.reopen();
    return work(await this.opening);
  }

  /** The browser has closed the database. */
  private reopen(): void {
    this.opening = openDatabase(this.name, () => this.reopen());
    this.opening.then(
      () => this.lost(),
      // Whoever uses it next is told, and tries again.
      (error: unknown) => console.warn("the device's database could not be opened again", error),
    );
  }
}

/** `terminated`: the browser has closed it by itself. */
function openDatabase(name: string, terminated: () => void): Promise<Database> {
  return openDB<Schema>(name, 1, {
    upgrade(fresh) {
      fresh.createObjectStore("attempts", { keyPath: "attempt_id" });
      fresh.createObjectStore("entries");
      fresh.createObjectStore("refused");
      fresh.createObjectStore("saved");
      fresh.createObjectStore("seen");
    },
    // Somebody deletes the database: it goes only when nobody holds it, and the page makes it anew.
    blocking(_old, _new, event) {
      (event.target as IDBDatabase).close();
      terminated();
    },
    terminated,
  });
}

/** What a database says that the browser has closed. */
function isClosed(error: unknown): boolean {
  return error instanceof DOMException && (error.name === "InvalidStateError" || error.name === "UnknownError");
}

/** Where the browser allows no storage, or has lost it: the page works, and says that nothing is kept. */
export class MemoryStore implements Store {
  readonly durable: boolean = false;
  lost: () => void = () => undefined;
  private readonly records = new Map<string, AttemptRecord>();

  attempts(): Promise<AttemptRecord[]> {
    return Promise.resolve([...this.records.values()]);
  }

  attempt(attempt_id: string): Promise<AttemptRecord | null> {
    return Promise.resolve(this.records.get(attempt_id) ?? null);
  }

  putAttempt(record: AttemptRecord): Promise<void> {
    this.records.set(record.attempt_id, record);
    return Promise.resolve();
  }

  claim(record: AttemptRecord): Promise<void> {
    return this.putAttempt(record);
  }

  forget(attempt_id: string): Promise<void> {
    this.records.delete(attempt_id);
    return Promise.resolve();
  }

  load(): Promise<Kept> {
    return Promise.resolve({ entries: [], refused: [], acknowledged: NOTHING });
  }

  write(..._changes: Parameters<Store["write"]>): Promise<void> {
    return Promise.resolve();
  }
}

export async function openStore(name = "pencilsdown"): Promise<Store> {
  try {
    return await DeviceStore.open(name);
  } catch (error) {
    console.warn("nothing can be kept on this device", error);
    return new MemoryStore();
  }
}

/**
 * The attempt is over: its token, its paper with its files, its names and what the tools hold go, for the device may have another user. Where the server has
 * everything, all of it goes; what it refused, or has not got yet, stays for the candidate. True: nothing stays.
 */
export async function strip(record: AttemptRecord, store: Store): Promise<boolean> {
  forgetTools(record.attempt_id);
  await forgetFiles(record.attempt_id);
  try {
    const { entries, refused } = await store.load(record.attempt_id);
    if (entries.length === 0 && refused.length === 0) {
      await store.forget(record.attempt_id);
      return true;
    }
    await store.write(record.attempt_id, { put: [], removed: [] }, new Map(), { ...NOTHING, whole: true });
  } catch (error) {
    console.warn("could not read what this device has kept", error);
  }
  await store.putAttempt({ ...record, title: "", candidate_name: "", token: "", paper: null });
  return false;
}
