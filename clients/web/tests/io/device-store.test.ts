import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { openStore, type Store } from "../../src/io/store";
import { PAPER, state } from "../made";
import { Page, RECORD, Words } from "./page";
import { FakeDevice, settle } from "./world";

let device: FakeDevice;
let store: Store;
let words: Words;
let count = 0;
let name = "";
beforeEach(async () => {
  device = new FakeDevice();
  words = new Words();
  name = `device ${(count += 1)}`;
  store = await openStore(name);
});

const changed = (what: Partial<Store>): Store => Object.assign(Object.create(store) as Store, what);

describe("a device's store", () => {
  it("that hangs delays nothing, and nothing is called kept", async () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const hanging = changed({ write: () => new Promise<void>(() => undefined) });
    const one = await new Page(device, hanging, words).open();
    one.session.edit("q1", "b", false);
    expect(one.network.last.operations()).toMatchObject([{ t: "answer", n: 1, value: "b" }]);
    await settle();
    expect(one.save()).toBe("editing");
    await device.pass(3_100);
    expect([one.save(), one.view?.durable]).toEqual(["editing", false]);
    one.ack(1);
    expect(one.save()).toBe("saved");
  });

  it("that hangs delays nothing over REST either", async () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const hanging = changed({ write: () => new Promise<void>(() => undefined) });
    const one = new Page(device, hanging, words);
    one.overRest();
    await one.session.open(true);
    await one.untilRest();
    one.session.edit("q1", "b", false);
    await settle();
    expect(one.save()).toBe("saved");
  });

  it("that is cleared in mid-exam is opened anew, and gets all of it again", async () => {
    const one = await new Page(device, store, words).open();
    one.network.last.drop();
    one.session.edit("q1", "typed before", false);
    await settle();
    expect(one.save()).toBe("kept");

    await cleared(name);
    await vi.waitFor(async () => expect((await store.load("a1")).entries).toMatchObject([{ body: { value: "typed before" } }]));
    await vi.waitFor(async () => expect(await store.attempt("a1")).toMatchObject({ token: "secret" }));
    await settle();
    expect(one.save()).toBe("kept");
    expect(one.tab.at(-1)).toBe("enter");
  });

  it("that is gone for good is not said to keep anything", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const one = await new Page(device, store, words).open();
    one.network.last.drop();
    one.session.edit("q1", "typed before", false);
    await settle();
    expect(one.save()).toBe("kept");

    const { opening } = store as unknown as { opening: Promise<{ close(): void }> };
    (await opening).close();
    const open = vi.spyOn(indexedDB, "open").mockImplementation(() => {
      throw new DOMException("no room", "QuotaExceededError");
    });
    one.session.edit("q2", "typed after", false);
    await settle();
    expect([one.save("q2"), one.view?.durable]).toEqual(["editing", false]);
    open.mockRestore();
    one.session.edit("q2", "typed at last", false);
    await settle();
    expect([one.save("q1"), one.save("q2"), one.view?.durable]).toEqual(["kept", "kept", true]);
    expect((await store.load("a1")).entries).toHaveLength(2);
  });
});

/** As a browser does when somebody clears the site's data. */
function cleared(database: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(database);
    request.onsuccess = () => resolve();
    request.onerror = () => reject(new Error("not deleted"));
  });
}

describe("after the end", () => {
  const over = state({ status: "expired", seq: 8, clocks: [] });

  it("nothing of the attempt stays on the device or in the tab", async () => {
    await store.putAttempt({ ...RECORD, paper: PAPER });
    const one = await new Page(device, store, words).open();
    one.session.edit("q1", "b", false);
    await settle();
    one.ack(1);
    one.network.last.say({ t: "state", now_ms: device.now, state: over });
    await settle();
    expect([await store.attempts(), await store.load("a1")]).toEqual([[], { entries: [], refused: [], acknowledged: { seen: null, n: 0, saved: [], told: null } }]);
    one.session.leave();
    await settle();
    expect([await store.attempts(), one.tab.at(-1)]).toEqual([[], "leave"]);
    expect(words.read("a1")).toEqual([]);
  });

  it("what was refused stays, and neither the paper nor the token", async () => {
    await store.putAttempt({ ...RECORD, paper: PAPER });
    const one = await new Page(device, store, words).open();
    one.session.edit("q1", "b", false);
    one.network.last.drop();
    await device.pass(700);
    await one.greet(0, [], over);
    one.network.last.say({ t: "refused", n: 1, code: "deadline_passed", detail: "Time is up.", retry: "never" });
    await settle();
    expect(await store.attempts()).toMatchObject([{ attempt_id: "a1", token: "", paper: null, title: "" }]);
    expect((await store.load("a1")).refused).toMatchObject([{ value: "b" }]);
  });

  it("a reopening brings the way back", async () => {
    const one = await new Page(device, store, words).open();
    one.network.last.say({ t: "state", now_ms: device.now, state: over });
    await settle();
    one.network.last.say({ t: "state", now_ms: device.now, state: state({ seq: 9 }) });
    await settle();
    expect(await store.attempts()).toMatchObject([{ token: "secret", paper: { title: "Test" } }]);
    expect(one.tab).toEqual(["leave", "enter"]);
  });
});
