import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { Queue } from "../../src/core/queue";
import { Keeper } from "../../src/io/keeper";
import type { LastWords } from "../../src/io/last-words";
import { openStore, type Store } from "../../src/io/store";
import { FakeDevice, settle } from "./world";

let store: Store;
let name = 0;
beforeEach(async () => {
  store = await openStore(`test ${(name += 1)}`);
});

const draft = { question_id: "q9", value: "mine", code: "number_reused", detail: "Changed elsewhere.", base: 0 };
const record = { test_id: "t", title: "Test", candidate_name: "", token: "secret", paper: null, opened_at_ms: 1, closes_at_ms: null };

function filled(): Queue {
  const queue = new Queue();
  queue.add({ t: "answer", question_id: "q1", value: ["a", "b"], position: null, client_at_ms: 5 }, 0);
  queue.add({ t: "flag", question_id: "q1", flagged: true, client_at_ms: 6 }, 0);
  return queue;
}

describe("the store", () => {
  it("gives back what was written, per attempt", async () => {
    const queue = filled();
    queue.connected(7);
    const sent = queue.take(0);
    await store.write("a1", queue.entries.changes(), new Map([["q9", draft]]), null);
    await store.write("a10", filled().entries.changes(), new Map(), null);

    const { entries, refused } = await store.load("a1");
    const again = new Queue(entries);
    again.connected(7);
    expect(again.take(0)).toEqual(sent);
    expect(refused).toMatchObject([draft]);
    expect((await store.load("a10")).refused).toEqual([]);
    expect((await store.load("a")).entries).toEqual([]);
  });

  it("takes away what was settled", async () => {
    const queue = filled();
    queue.connected(0);
    await store.write("a1", queue.entries.changes(), new Map([["q9", draft]]), null);
    queue.take(0);
    queue.ack(1);
    await store.write("a1", queue.entries.changes(), new Map([["q9", null]]), null);
    const { entries, refused } = await store.load("a1");
    expect(entries).toMatchObject([{ n: 2, body: { t: "flag" } }]);
    expect(refused).toEqual([]);
  });

  it("keeps what the server has acknowledged, and drops it with a welcome that does not have it", async () => {
    const none = { put: [], removed: [] };
    const saved = (question_id: string, n: number) => ({ question_id, value: "a", n, saved_at_ms: 5 });
    await store.write("a1", none, new Map(), { seen: { seq: 7, head: "77" }, n: 7, saved: [saved("q1", 1), saved("q2", 2)], told: null, whole: true });
    await store.write("a1", none, new Map(), { seen: { seq: 8, head: "88" }, n: 8, saved: [saved("q2", 3)], told: null, whole: false });
    await store.write("a2", none, new Map(), null);
    expect((await store.load("a1")).acknowledged).toEqual({ seen: { seq: 8, head: "88" }, n: 8, saved: [saved("q1", 1), saved("q2", 3)], told: null });
    expect((await store.load("a2")).acknowledged).toEqual({ seen: null, n: 0, saved: [], told: null });
    await store.write("a1", none, new Map(), { seen: { seq: 4, head: "44" }, n: 4, saved: [saved("q1", 1)], told: null, whole: true });
    expect((await store.load("a1")).acknowledged).toEqual({ seen: { seq: 4, head: "44" }, n: 4, saved: [saved("q1", 1)], told: null });
    await store.forget("a1");
    expect((await store.load("a1")).acknowledged).toEqual({ seen: null, n: 0, saved: [], told: null });
  });

  it("forgets an attempt whole, and no other", async () => {
    for (const attempt_id of ["a1", "a2"]) {
      await store.putAttempt({ ...record, attempt_id });
      await store.write(attempt_id, filled().entries.changes(), new Map([["q9", draft]]), null);
    }
    await store.forget("a1");
    expect(await store.attempts()).toMatchObject([{ attempt_id: "a2" }]);
    expect(await store.load("a1")).toMatchObject({ entries: [], refused: [] });
    expect((await store.load("a2")).entries).toHaveLength(2);
  });

  it("says so where nothing can be kept", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const { indexedDB } = globalThis;
    Reflect.deleteProperty(globalThis, "indexedDB");
    const memory = await openStore();
    globalThis.indexedDB = indexedDB;
    expect(warn).toHaveBeenCalledOnce();
    expect([store.durable, memory.durable]).toEqual([true, false]);
    await memory.putAttempt({ ...record, attempt_id: "a1" });
    expect(await memory.attempt("a1")).not.toBeNull();
    warn.mockRestore();
  });

  it("is opened anew where somebody clears it, and says that what was in it is gone", async () => {
    const lost = vi.fn();
    store.lost = lost;
    await store.putAttempt({ ...record, attempt_id: "a1" });
    await store.write("a1", filled().entries.changes(), new Map(), null);
    await deleted(`test ${name}`);
    await vi.waitFor(() => expect(lost).toHaveBeenCalled());
    expect([await store.attempts(), await store.load("a1")]).toEqual([[], { entries: [], refused: [], acknowledged: { seen: null, n: 0, saved: [], told: null } }]);
    await store.write("a1", filled().entries.changes(), new Map(), null);
    expect((await store.load("a1")).entries).toHaveLength(2);
  });

  it("is opened anew where the browser closed it without a word", async () => {
    const lost = vi.fn();
    store.lost = lost;
    await store.putAttempt({ ...record, attempt_id: "a1" });
    const { opening } = store as unknown as { opening: Promise<{ close(): void }> };
    (await opening).close();
    expect(await store.attempt("a1")).not.toBeNull();
    expect(lost).toHaveBeenCalledOnce();
  });

  it("stops nobody where it can't be opened again, and is tried again with each use", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const { opening } = store as unknown as { opening: Promise<{ close(): void }> };
    (await opening).close();
    const open = vi.spyOn(indexedDB, "open").mockImplementation(() => {
      throw new DOMException("no room", "QuotaExceededError");
    });
    await store.putAttempt({ ...record, attempt_id: "a1" });
    expect([await store.attempts(), await store.attempt("a1")]).toEqual([[], null]);
    await expect(store.write("a1", filled().entries.changes(), new Map(), null)).rejects.toThrow("no room");
    open.mockRestore();
    await store.write("a1", filled().entries.changes(), new Map(), null);
    expect((await store.load("a1")).entries).toHaveLength(2);
    warn.mockRestore();
  });
});

/** As a browser does when somebody clears the site's data. */
function deleted(database: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(database);
    request.onsuccess = () => resolve();
    request.onerror = () => reject(new Error("not deleted"));
  });
}

const silence: LastWords = { put: () => undefined, read: () => [] };

function keeperOf(store: Store, queue: Queue, device = new FakeDevice()): Keeper {
  return new Keeper(store, silence, "a1", queue, device, { changed: () => undefined, told: () => null, lost: () => undefined });
}

describe("the keeper", () => {
  it("writes one after the other, each time everything that has changed", async () => {
    const queue = filled();
    const keeper = keeperOf(store, queue, new FakeDevice());
    const first = keeper.keep();
    queue.add({ t: "progress", question_index: 3, client_at_ms: 7 }, 0);
    keeper.refuse("q9", draft);
    expect(await first).toBe(true);
    expect(await keeper.keep()).toBe(true);
    const { entries, refused } = await store.load("a1");
    expect(entries.map(({ body }) => body.t)).toEqual(["answer", "flag", "progress"]);
    expect(refused).toHaveLength(1);
  });

  it("tells when a write fails, and writes it with the next one", async () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const failing = Object.assign(Object.create(store) as Store, { write: () => Promise.reject(new Error("full")) });
    const queue = filled();
    const keeper = keeperOf(failing, queue, new FakeDevice());
    keeper.refuse("q9", draft);
    expect(await keeper.keep()).toBe(false);
    Object.assign(failing, { write: store.write.bind(store) });
    queue.add({ t: "progress", question_index: 3, client_at_ms: 7 }, 0);
    expect(await keeper.keep()).toBe(true);
    const { entries, refused } = await store.load("a1");
    expect(entries.map(({ body }) => body.t)).toEqual(["answer", "flag", "progress"]);
    expect(refused).toMatchObject([draft]);
  });

  it("takes away later what was settled when a write failed", async () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const queue = filled();
    queue.connected(0);
    queue.take(0);
    const failing = Object.create(store) as Store;
    const keeper = keeperOf(failing, queue, new FakeDevice());
    await keeper.keep();
    queue.ack(1);
    Object.assign(failing, { write: () => Promise.reject(new Error("full")) });
    expect(await keeper.keep()).toBe(false);
    Object.assign(failing, { write: store.write.bind(store) });
    expect(await keeper.keep()).toBe(true);
    expect((await store.load("a1")).entries).toMatchObject([{ n: 2 }]);
  });

  it("waits for a silent store only so long", async () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const silent = Object.assign(Object.create(store) as Store, { write: () => new Promise<void>(() => undefined) });
    const device = new FakeDevice();
    const keeper = keeperOf(silent, filled(), device);
    const kept = vi.fn();
    void keeper.keep().then(kept);
    await device.pass(2_900);
    expect(kept).not.toHaveBeenCalled();
    await device.pass(200);
    expect(kept).toHaveBeenCalledWith(false);
    Object.assign(silent, { write: store.write.bind(store) });
    expect(await keeper.keep()).toBe(true);
    await settle();
    expect((await store.load("a1")).entries).toHaveLength(2);
  });
});
