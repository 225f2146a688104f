import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { shown } from "../../src/core/connection-state";
import type { AttemptState, SavedAnswer } from "../../src/generated/messages";
import { openStore, type Store } from "../../src/io/store";
import { standsAt, state } from "../made";
import { Page, RESUMED, Words } from "./page";
import { FakeDevice, settle } from "./world";

let device: FakeDevice;
let last_words: Words;
let store: Store;
let count = 0;
beforeEach(async () => {
  device = new FakeDevice();
  last_words = new Words();
  store = await openStore(`session ${(count += 1)}`);
});

const page = (): Promise<Page> => new Page(device, store, last_words).open();

describe("a link that ends soon", () => {
  it("is told before the start: only a started attempt outlives it", async () => {
    const one = await page();
    one.network.last.say({ t: "token_expiring", expires_at_ms: 123_000 });
    expect(one.view?.model.token_ends_ms).toBe(123_000);
  });
});

describe("an answer", () => {
  it("is on the wire at once, kept when the device says so, and saved only with its ack", async () => {
    const one = await page();
    one.session.edit("q1", "b", false);
    expect(one.save()).toBe("editing");
    expect(one.network.last.operations()).toMatchObject([{ t: "answer", n: 1, value: "b" }]);
    await settle();
    expect(one.save()).toBe("kept");
    expect((await store.load("a1")).entries).toMatchObject([{ n: 1 }]);
    one.ack(1);
    expect(one.view?.model.answers["q1"]?.save).toEqual({ kind: "saved", at_ms: 1_234_567 });
    await settle();
    expect((await store.load("a1")).entries).toEqual([]);
  });

  it("that is typed waits for a pause, but not when the field is left", async () => {
    const one = await page();
    one.session.edit("q1", "a", true);
    await device.pass(300);
    one.session.edit("q1", "ab", true);
    await device.pass(300);
    expect(one.network.last.operations()).toEqual([]);
    await device.pass(100);
    expect(one.network.last.operations()).toMatchObject([{ value: "ab" }]);
    one.session.edit("q1", "abc", true);
    one.session.flush();
    await settle();
    expect(one.network.last.operations()).toMatchObject([{ value: "ab" }, { n: 2, value: "abc" }]);
  });

  it("goes out at the deadline, after which nothing can be changed", async () => {
    const one = await page();
    await device.pass(599_500);
    one.session.edit("q1", "last words", true);
    await device.pass(500);
    expect(one.network.last.operations()).toMatchObject([{ value: "last words" }]);
    one.session.edit("q1", "too late", true);
    expect(one.value()).toBe("last words");
  });

  it("survives a crash of the page, sent or not", async () => {
    const older = [{ question_id: "q1", value: "older", n: 1, saved_at_ms: 5 }];
    const one = await new Page(device, store, last_words).open(1, older);
    one.session.edit("q1", "sent", false);
    await settle();
    one.session.edit("q2", "still typing", true);
    await settle();
    one.session.stop();

    const two = new Page(device, store, last_words);
    await two.open(1, older);
    expect([two.value("q1"), two.save("q1")]).toEqual(["sent", "kept"]);
    expect([two.value("q2"), two.save("q2")]).toEqual(["still typing", "kept"]);
    expect(two.network.last.operations()).toMatchObject([
      { n: 2, value: "sent" },
      { n: 3, value: "still typing" },
    ]);
  });

  it("survives a page that goes in the same instant", async () => {
    const one = await page();
    one.session.edit("q1", "typed and gone", true);
    one.session.leave();
    one.session.stop();

    const two = await page();
    expect([two.value(), two.save()]).toEqual(["typed and gone", "kept"]);
    expect((await store.load("a1")).entries).toMatchObject([{ n: 1 }]);
    expect(last_words.left.get("a1")).toEqual([]);
  });

  it("survives that also where the disk is full by then, and is kept until it is not", async () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const one = await page();
    one.session.edit("q1", "typed and gone", true);
    one.session.leave();
    one.session.stop();

    const full = Object.assign(Object.create(store) as Store, { write: () => Promise.reject(new Error("full")) });
    const two = await new Page(device, full, last_words).open();
    expect([two.value(), two.view?.durable]).toEqual(["typed and gone", false]);
    expect(two.network.last.operations()).toMatchObject([{ n: 1, value: "typed and gone" }]);
    expect(last_words.left.get("a1")).toHaveLength(1);
  });

  it("can be given where nothing can be read from the device, and nothing there is overwritten", async () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const one = await page();
    one.session.edit("q1", "kept", true);
    await settle();
    one.session.stop();

    const broken = Object.assign(Object.create(store) as Store, { load: () => Promise.reject(new Error("broken")) });
    const two = await new Page(device, broken, last_words).open();
    two.session.edit("q2", "b", false);
    await settle();
    expect(two.view?.durable).toBe(false);
    expect(two.network.last.operations()).toMatchObject([{ n: 1, question_id: "q2" }]);
    expect((await store.load("a1")).entries).toMatchObject([{ body: { value: "kept" } }]);
  });

  it("goes out as every encoding can carry it: a paste may be cut off in the middle of a character", async () => {
    const one = await page();
    one.session.edit("q1", "cut \ud83d", false);
    one.session.edit("q2", "whole \ud83d\ude00", false);
    await settle();
    expect(one.value()).toBe("cut \ud83d");
    expect(one.network.last.operations()).toMatchObject([{ value: "cut \ufffd" }, { value: "whole \ud83d\ude00" }]);
  });

  it("leaves no last words where the page stays", async () => {
    const one = await page();
    one.session.edit("q1", "typed", true);
    one.session.leave();
    one.session.stay();
    await settle();
    expect(last_words.left.get("a1")).toEqual([]);
  });

  it("typed without a connection does not overwrite what another device answered meanwhile", async () => {
    const one = await page();
    one.network.last.drop();
    one.session.edit("q1", "mine", false);
    one.session.edit("q2", "only here", false);
    await device.pass(600);
    await one.greet(1, [{ question_id: "q1", value: "theirs", n: 1, saved_at_ms: 5 }]);
    expect([one.value(), one.save()]).toEqual(["mine", "refused"]);
    expect(one.network.last.operations()).toMatchObject([{ n: 2, question_id: "q2" }]);
    expect((await store.load("a1")).refused).toMatchObject([{ question_id: "q1", value: "mine" }]);
    one.session.useMine("q1");
    await settle();
    expect(one.network.last.operations()).toMatchObject([{ question_id: "q2" }, { n: 3, value: "mine" }]);
  });

  it("that another device's answer beat is kept, and can be sent anew", async () => {
    const one = await page();
    one.session.edit("q1", "mine", false);
    await settle();
    const reused = { t: "refused", n: 1, code: "number_reused", detail: "Changed elsewhere.", retry: "never" };
    one.network.last.say(reused);
    expect(one.save()).toBe("refused");
    await settle();
    one.session.stop();

    const two = new Page(device, store, last_words);
    await two.open(4, [{ question_id: "q1", value: "theirs", n: 1, saved_at_ms: 5 }]);
    expect([two.value(), two.save()]).toEqual(["mine", "refused"]);
    two.session.useMine("q1");
    await settle();
    expect(two.network.last.operations()).toMatchObject([{ n: 5, value: "mine" }]);
    expect((await store.load("a1")).refused).toEqual([]);
  });
});

describe("a lost connection", () => {
  it("loses nothing: the same numbers go out again", async () => {
    const one = await page();
    one.session.edit("q1", "b", false);
    await settle();
    one.network.last.drop();
    one.session.edit("q2", "c", false);
    await device.pass(600);
    await one.greet(0);
    expect(one.network.sockets).toHaveLength(2);
    expect(one.network.last.operations()).toMatchObject([
      { n: 1, question_id: "q1" },
      { n: 2, question_id: "q2" },
    ]);
  });

  it("never sends on a new socket what was taken for the old one", async () => {
    const one = await page();
    one.session.edit("q1", "b", false);
    one.network.last.drop();
    one.session.reconnect();
    await settle();
    expect(one.network.last.operations()).toEqual([]);
    await one.greet(0);
    expect(one.network.last.operations()).toHaveLength(1);
  });

  it("is noticed when heartbeats stay unanswered", async () => {
    const one = await page();
    await device.pass(600_000);
    expect(one.network.sockets).toHaveLength(1);
    one.network.echoes = false;
    await device.pass(29_000);
    expect(one.network.sockets).toHaveLength(1);
    await device.pass(12_000);
    expect(one.network.sockets.length).toBeGreaterThan(1);
  });
});

describe("a warning", () => {
  it("comes from the server while the connection is good, and once", async () => {
    const one = await page();
    await device.pass(541_000);
    expect(one.view?.model.warning).toBeNull();
    one.network.last.say({ t: "warning", left_ms: 60_000, deadline_ms: 1_600_000, scope: "test", of: null });
    expect(one.view?.model.warning).toEqual({ left_ms: 60_000, deadline_ms: 1_600_000, scope: "test", of: null });
    one.session.dismiss("warning");
    await device.pass(10_000);
    expect(one.view?.model.warning).toBeNull();
  });

  it("comes from the page's own reckoning while there is no connection, at the time that the test names", async () => {
    const one = await page();
    one.network.last.drop();
    await device.pass(539_000);
    expect(one.view?.model.warning).toBeNull();
    await device.pass(1_000);
    expect(one.view?.model.warning).toEqual({ left_ms: 60_000, deadline_ms: 1_600_000, scope: "test", of: null });
  });

  it("is reckoned by the server's clock, whatever this device's clock says", async () => {
    device.now += 86_400_000;
    const one = new Page(device, store, last_words);
    await one.session.open(true);
    await one.greet(0, [], state(), 1_000_000);
    one.network.last.drop();
    await device.pass(539_000);
    expect(one.view?.model.warning).toBeNull();
    await device.pass(1_500);
    expect(one.view?.model.warning).toMatchObject({ left_ms: 60_000 });
  });
});

describe("over REST alone", () => {
  it("a candidate can answer and hand in", async () => {
    const one = new Page(device, store, last_words);
    const reply = { ...state(), seq: 4 };
    one.replies.set("resume", () => ({ ...RESUMED, now_ms: device.now, last_n: 7, state: state() }));
    const done = (n: number[], now: AttemptState): object => {
      return { acked: n, refused: [], seq: 4, committed_at_ms: 77, state: now };
    };
    one.replies.set("answers", (body) => done((body as { answers: { n: number }[] }).answers.map(({ n }) => n), reply));
    one.replies.set("complete", (body) => {
      return done([(body as { n: number }).n], state({ status: "submitted", seq: 6, clocks: [], reference: "R" }));
    });
    await one.session.open(true);
    for (let i = 0; i < 3; i += 1) {
      one.network.last.drop();
      await device.pass(1500);
    }
    expect(shown(one.view!.connection)).toBe("rest");
    one.session.edit("q1", "b", false);
    await settle();
    expect(one.view?.model.answers["q1"]?.save).toEqual({ kind: "saved", at_ms: 77 });
    one.session.handIn(false);
    await settle();
    expect(one.view?.model.state).toMatchObject({ status: "submitted", reference: "R" });
    expect(one.calls.filter(([what]) => what === "answers" || what === "complete")).toMatchObject([
      ["answers", { answers: [{ n: 8, value: "b" }] }],
      ["complete", { n: 9 }],
    ]);
    expect(one.view?.unsettled).toBe(0);
  });
});

describe("a socket that is welcomed while the page lives on REST", () => {
  it("carries what the welcome asks for: over REST, an ack of the socket would be taken for its own", async () => {
    const one = new Page(device, store, last_words);
    one.replies.set("resume", () => ({ ...RESUMED, now_ms: device.now, last_n: 7, state: state() }));
    await one.session.open(true);
    for (let i = 0; i < 3; i += 1) {
      one.network.last.drop();
      await device.pass(1500);
    }
    expect(shown(one.view!.connection)).toBe("rest");
    one.replies.set("heartbeat", () => ({ t0_ms: 0, t1_ms: device.now, t2_ms: device.now, state: state(), unseen: [], offer: null }));
    const dropped = one.network.last;
    for (let i = 0; i < 100 && one.network.last === dropped; i += 1) await device.pass(1000);
    const unseen = [{ t: "staff_message", message_id: "m1", text: "Hello", sent_at_ms: 1 } as const];
    await one.greet(7, [], state(), device.now, { unseen: [...unseen] });
    expect(one.calls.map(([what]) => what)).not.toContain("receipts");
    expect(one.network.last.sent).toContainEqual(expect.objectContaining({ t: "receipt", message_id: "m1" }));
  });
});

describe("one reply over REST that refuses an answer for now and takes a later one", () => {
  it("leaves the later one", async () => {
    const one = new Page(device, store, last_words);
    let held: SavedAnswer[] = [];
    const last_n = (): number => held[0]?.n ?? 0;
    one.replies.set("resume", () => ({ ...RESUMED, now_ms: device.now, last_n: last_n(), state: state(), answers: held }));
    const offered: { n: number; value: string }[][] = [];
    one.replies.set("answers", (body) => {
      const { answers } = body as { answers: { n: number; value: string }[] };
      offered.push(answers);
      if (offered.length === 1) throw new TypeError("no network");
      const { n, value } = answers.at(-1)!;
      held = [{ question_id: "q1", value, n, saved_at_ms: 77 }];
      const refused = answers.slice(0, -1).map((old, index) => ({ index, n: old.n, code: "overloaded", detail: "Later.", retry: "later" }));
      return { acked: [n], refused, seq: 4, committed_at_ms: 77, state: state() };
    });
    await one.session.open(true);
    for (let i = 0; i < 3; i += 1) {
      one.network.last.drop();
      await device.pass(1500);
    }
    one.session.edit("q1", "old", false);
    await settle();
    one.session.edit("q1", "new", false);
    await device.pass(60_000);
    expect(offered.slice(0, 2)).toMatchObject([[{ n: 1, value: "old" }], [{ n: 1, value: "old" }, { n: 2, value: "new" }]]);
    expect(offered).toHaveLength(2);
    expect([one.value(), one.save(), one.view?.unsettled]).toEqual(["new", "saved", 0]);
  });
});

describe("messages from staff", () => {
  it("are confirmed when they arrive and when they are dismissed, and do not come back", async () => {
    const one = await page();
    const message = { t: "staff_message", message_id: "m1", text: "Hello", sent_at_ms: 1 };
    one.network.last.say(message);
    expect(one.view?.model.messages).toHaveLength(1);
    one.session.dismissMessage("m1");
    one.network.last.say(message);
    expect(one.view?.model.messages).toHaveLength(0);
    await settle();
    expect(one.network.last.operations()).toMatchObject([
      { t: "receipt", message_id: "m1", seen: false },
      { t: "receipt", message_id: "m1", seen: true },
    ]);
  });
});

describe("a raised hand", () => {
  it("goes out also while the clock stands, and shows what the server says of it", async () => {
    const one = await page();
    one.network.last.say({ t: "state", now_ms: 1, state: state({ status: "paused", seq: 5, clocks: standsAt(1) }) });
    one.session.ask({ t: "raise_hand", raised: true }, { hand: "raised" });
    expect(one.view?.model.state?.hand).toBe("raised");
    await settle();
    expect(one.network.last.operations()).toMatchObject([{ t: "raise_hand", raised: true }]);
    one.network.last.say({ t: "state", now_ms: 2, state: state({ status: "paused", seq: 7, hand: "acknowledged" }) });
    expect(one.view?.model.state?.hand).toBe("acknowledged");
    one.session.ask({ t: "raise_hand", raised: false }, { hand: null });
    expect(one.view?.model.state?.hand).toBeNull();
  });

  it("is not shown any more when it was refused", async () => {
    const one = await page();
    one.session.ask({ t: "raise_hand", raised: true }, { hand: "raised" });
    await settle();
    one.network.last.say({ t: "refused", n: 1, code: "too_many_operations", detail: "There is no room.", retry: "never" });
    expect(one.view?.model.state?.hand).toBeNull();
    expect(one.view?.model.trouble).toMatchObject({ code: "too_many_operations" });
  });
});

describe("the end", () => {
  it("shows what came too late as refused, and keeps it", async () => {
    const one = await page();
    one.session.edit("q1", "b", false);
    await settle();
    one.network.last.drop();
    await device.pass(700);
    await one.greet(0, [], state({ status: "expired", seq: 8, clocks: [] }));
    one.network.last.say({ t: "refused", n: 1, code: "deadline_passed", detail: "Time is up.", retry: "never" });
    expect(one.save()).toBe("refused");
    await settle();
    expect((await store.load("a1")).refused).toMatchObject([{ value: "b" }]);
  });
});

describe("a socket that comes back while the page lives on REST", () => {
  it("gets all that is not settled, and REST nothing more: an ack would be taken for what went there", async () => {
    const one = await page();
    one.overRest();
    for (let tries = 0; tries < 6 && one.view!.connection.rest !== "on"; tries += 1) {
      one.network.last.drop();
      await device.pass(1_500);
    }
    expect(one.view!.connection.rest).toBe("on");
    one.refusals.set("answers", { status: 503, code: "overloaded", retry: "later" });
    one.session.edit("q1", "b", false);
    await settle();
    await device.pass(5_000);
    const calls = one.calls.length;
    for (let i = 0; i < 60 && !one.network.last.open; i += 1) await device.pass(1_000);
    const unseen = [{ t: "staff_message" as const, message_id: "m1", text: "Hello", sent_at_ms: 1 }];
    await one.greet(0, [], state({ seq: 5 }), device.now, { unseen });
    expect(one.calls.slice(calls).filter(([what]) => what === "answers" || what === "receipts")).toEqual([]);
    expect(one.network.last.operations()).toMatchObject([{ n: 1, value: "b" }, { n: 2, t: "receipt" }]);
  });
});

it("a flag that is refused for good is no longer shown", async () => {
  const one = await page();
  one.session.flag("q1", true);
  expect([...one.view!.model.flagged]).toEqual(["q1"]);
  one.network.last.say({ t: "refused", n: 1, code: "deadline_passed", detail: "", retry: "never" });
  expect([...one.view!.model.flagged]).toEqual([]);
  one.session.flag("q1", true);
  one.session.flag("q1", false);
  for (const n of [2, 3]) one.network.last.say({ t: "refused", n, code: "deadline_passed", detail: "", retry: "never" });
  expect([...one.view!.model.flagged]).toEqual([]);
});

it("an old answer that is acknowledged once more does not take the place of a later one", async () => {
  const one = await page();
  one.session.edit("q1", "old", false);
  one.session.edit("q1", "new", false);
  one.network.last.drop();
  await device.pass(2_000);
  await one.greet(2, [{ question_id: "q1", value: "new", n: 2, saved_at_ms: 5 }]);
  one.ack(1);
  expect(one.view?.model.held["q1"]).toMatchObject({ n: 2, value: "new" });
});
