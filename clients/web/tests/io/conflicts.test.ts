import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it } from "vitest";
import { openStore, type Store } from "../../src/io/store";
import { PAPER, question, runsUntil, state, typed } from "../made";
import { Page, Words } from "./page";
import { FakeDevice, settle } from "./world";

let device: FakeDevice;
let store: Store;
let words: Words;
let count = 0;
beforeEach(async () => {
  device = new FakeDevice();
  words = new Words();
  store = await openStore(`conflicts ${(count += 1)}`);
});

const page = (): Promise<Page> => new Page(device, store, words).open();
const held = (question_id: string, value: string, n: number): object => ({ question_id, value, n, saved_at_ms: 5 });
const over = state({ status: "expired", seq: 8, clocks: [] });
const again = state({ seq: 12, clocks: runsUntil(2_000_000) });

describe("a reopened attempt", () => {
  const late = { t: "refused", n: 1, code: "deadline_passed", detail: "Time is up.", retry: "never" };

  it.each([
    ["deadline_passed", "expired"],
    ["already_submitted", "submitted"],
    ["cancelled", "cancelled"],
    ["abandoned", "abandoned"],
  ])("gets what was refused with %s, by itself", async (code, status) => {
    const one = await page();
    one.network.last.drop();
    one.session.edit("q1", "typed offline", false);
    await device.pass(600);
    await one.greet(0, [], { ...over, status });
    one.network.last.say({ ...late, code });
    expect(one.save()).toBe("refused");
    one.network.last.say({ t: "state", now_ms: device.now, state: again });
    await settle();
    expect([one.value(), one.save()]).toEqual(["typed offline", "kept"]);
    expect(one.network.last.operations()).toMatchObject([{ n: 1 }, { n: 2, value: "typed offline" }]);
    expect((await store.load("a1")).refused).toEqual([]);
  });

  it("gets it also from a page that was opened only then", async () => {
    const one = await page();
    one.network.last.drop();
    one.session.edit("q1", "typed offline", false);
    await device.pass(600);
    await one.greet(0, [], over);
    one.network.last.say(late);
    await settle();
    one.session.stop();
    const two = new Page(device, store, words);
    await two.session.open(true);
    await two.greet(0, [], again);
    expect(two.network.last.operations()).toMatchObject([{ n: 1, value: "typed offline" }]);
  });

  it("leaves the choice to her where another device has answered since", async () => {
    const one = await page();
    one.network.last.drop();
    one.session.edit("q1", "typed offline", false);
    await device.pass(600);
    await one.greet(0, [], over);
    one.network.last.say(late);
    one.network.last.drop();
    await device.pass(1_000);
    await one.greet(7, [held("q1", "from the other device", 7)], again);
    expect(one.view?.model.answers["q1"]).toMatchObject({ value: "typed offline", save: { kind: "refused", code: "number_reused" } });
    expect(one.network.last.operations()).toEqual([]);
  });

  it("lets her choose the same option again", async () => {
    const one = await page();
    one.session.edit("q1", "b", false);
    one.network.last.say({ ...late, code: "unknown_option", detail: "No." });
    one.session.useMine("q1");
    expect(one.network.last.operations()).toMatchObject([{ n: 1, value: "b" }, { n: 2, value: "b" }]);
  });
});

describe("an answer that arrived while its acknowledgement was lost", () => {
  it("is not shown any more where another device has taken it back since", async () => {
    const one = await page();
    one.session.edit("q1", "b", false);
    one.session.edit("q2", "c", false);
    one.network.last.drop();
    await device.pass(1_000);
    await one.greet(3, [held("q2", "c", 2)]);
    expect(one.network.last.operations()).toMatchObject([{ n: 1, value: "b" }, { n: 2, value: "c" }]);
    one.network.last.say({ t: "ack", n: 2, seq: 9, committed_at_ms: 77, head: "99" });
    await settle();
    expect([one.value("q1"), one.save("q1")]).toEqual([null, "none"]);
    expect([one.value("q2"), one.save("q2")]).toEqual(["c", "saved"]);
    await expect.poll(async () => (await store.load("a1")).acknowledged.saved).toMatchObject([{ question_id: "q2" }]);
  });
});

describe("handing in", () => {
  it("is stopped by what another device has answered meanwhile, and asked about", async () => {
    const one = await page();
    one.network.last.drop();
    one.session.edit("q1", "hers", false);
    one.session.handIn(false);
    expect(one.view?.model.handing_in).toBe(true);
    await device.pass(600);
    await one.greet(1, [held("q1", "from the other device", 1)]);
    expect([one.view?.model.handing_in, one.view?.model.hand_in_conflict]).toEqual([false, true]);
    expect(one.network.last.operations()).toEqual([]);
    one.session.useMine("q1");
    one.ackAll();
    one.session.handIn(false);
    expect(one.network.last.operations()).toMatchObject([{ value: "hers" }, { t: "submit" }]);
  });

  it("is asked about where a conflict is left, and done when she has decided; both answers are in the record", async () => {
    const one = await page();
    one.network.last.drop();
    one.session.edit("q1", "hers", false);
    await device.pass(600);
    await one.greet(1, [held("q1", "from the other device", 1)]);
    one.session.handIn(false);
    expect([one.view?.model.handing_in, one.view?.model.hand_in_conflict]).toEqual([false, true]);
    one.session.handIn(true);
    expect(one.network.last.operations()).toMatchObject([{ value: "hers" }, { value: "from the other device" }]);
    one.ackAll();
    expect(one.network.last.operations().at(-1)).toMatchObject({ t: "submit" });
    expect(one.value()).toBe("from the other device");
  });
});

describe("a server with an older database", () => {
  it("gets back what it had acknowledged and has forgotten, and the candidate is told", async () => {
    const one = await page();
    one.session.edit("q1", "first", false);
    one.session.edit("q2", "second", false);
    one.ackAll();
    one.network.last.say({ t: "state", now_ms: device.now, state: state({ seq: 9 }) });
    one.session.edit("q3", "on its way", false);
    one.network.last.drop();
    await device.pass(600);
    await one.greet(1, [held("q1", "first", 1)], state({ seq: 4 }));
    expect(one.view?.model.restored).toBe(1);
    expect([one.save("q1"), one.save("q2"), one.save("q3")]).toEqual(["saved", "kept", "kept"]);
    expect(one.network.last.operations().map(({ value }) => value).sort()).toEqual(["on its way", "second"]);
    one.ackAll();
    expect([one.save("q2"), one.save("q3")]).toEqual(["saved", "saved"]);
  });

  it("is known by what the server says, where its log has grown again", async () => {
    const one = await page();
    one.session.edit("q1", "first", false);
    one.ackAll();
    one.network.last.say({ t: "state", now_ms: device.now, state: state({ seq: 5 }) });
    one.network.last.drop();
    await device.pass(600);
    await one.greet(0, [], state({ seq: 9 }), device.now, { restored: true });
    expect(one.view?.model.restored).toBe(1);
    expect(one.network.last.operations()).toMatchObject([{ n: 2, value: "first" }]);
  });

  it("takes from no other device what it has answered since, and lets the candidate decide", async () => {
    const one = await page();
    one.session.edit("q1", "first", false);
    one.session.edit("q2", "second", false);
    one.session.edit("q2", "second, changed", false);
    one.session.edit("q1", "first, changed", false);
    one.ackAll();
    await settle();
    one.network.last.drop();
    await device.pass(600);
    const since = { ...held("q2", "of another device, since", 2), saved_at_ms: 1_234_568 };
    await one.greet(9, [held("q1", "first", 1), since], state({ seq: 30 }), device.now, { restored: true });
    expect(one.view?.model.restored).toBe(1);
    expect(one.network.last.operations()).toMatchObject([{ question_id: "q1", value: "first, changed" }]);
    expect([one.value("q2"), one.save("q2")]).toEqual(["second, changed", "refused"]);
    one.session.useTheirs("q2");
    expect([one.value("q2"), one.save("q2")]).toEqual(["of another device, since", "saved"]);
  });

  it("is none where another device has cleared an answer", async () => {
    const one = await page();
    one.session.edit("q1", "first", false);
    one.ackAll();
    one.network.last.drop();
    await device.pass(600);
    await one.greet(2, [], state({ seq: 9 }));
    expect(one.view?.model.restored).toBe(null);
    expect(one.network.last.operations()).toEqual([]);
  });

  it("gets it back from a page that was reloaded meanwhile as well", async () => {
    const one = await page();
    one.session.edit("q1", "first", false);
    one.session.edit("q2", "second", false);
    one.ackAll();
    await settle();
    one.session.stop();
    const two = new Page(device, store, words);
    await two.open(1, [held("q1", "first", 1)]);
    expect(two.network.last.sent[0]).toMatchObject({ t: "hello", seen_seq: 9, seen_head: "99" });
    expect(two.view?.model.restored).toBe(1);
    expect([two.save("q1"), two.save("q2")]).toEqual(["saved", "kept"]);
    expect(two.network.last.operations()).toMatchObject([{ question_id: "q2", value: "second" }]);
    two.ackAll();
    await settle();
    two.session.stop();

    // The server has it again, and the device knows that: nothing is sent twice.
    const three = await new Page(device, store, words).open(2, [held("q1", "first", 1), held("q2", "second", 2)]);
    expect(three.network.last.sent[0]).toMatchObject({ seen_seq: 9 });
    await device.pass(5_000);
    expect(three.network.last.operations()).toEqual([]);
  });

  it("is known to a reloaded page too, where its log has grown again", async () => {
    const one = await page();
    one.session.edit("q1", "first", false);
    one.ackAll();
    await settle();
    one.session.stop();
    const two = new Page(device, store, words);
    await two.session.open(true);
    await two.greet(0, [], state({ seq: 30 }), device.now, { restored: true });
    expect(two.network.last.sent[0]).toMatchObject({ seen_seq: 9, seen_head: "99" });
    expect(two.view?.model.restored).toBe(1);
    expect(two.network.last.operations()).toMatchObject([{ question_id: "q1", value: "first" }]);
  });

  it("leaves nothing of it on the device after the end", async () => {
    const one = await page();
    one.session.edit("q1", "first", false);
    one.ackAll();
    await settle();
    expect((await store.load("a1")).acknowledged.saved).toMatchObject([{ value: "first" }]);
    one.network.last.say({ t: "state", now_ms: device.now, state: state({ status: "expired", seq: 20 }) });
    await settle();
    store.lost();
    await settle();
    expect((await store.load("a1")).acknowledged).toEqual({ seen: null, n: 0, saved: [], told: null });
  });

  it("that was restored to before the start gets it all when it has started", async () => {
    const one = await page();
    one.session.edit("q1", "first", false);
    one.ackAll();
    one.network.last.drop();
    await device.pass(600);
    const nothing = state({ status: "initiated", seq: 1, started_at_ms: null, clocks: [] });
    await one.greet(0, [], nothing);
    const [sent] = one.network.last.operations();
    one.network.last.say({ t: "refused", n: sent?.["n"], code: "not_started", detail: "", retry: "reload" });
    one.session.start(null);
    one.ackAll();
    one.network.last.say({ t: "state", now_ms: device.now, state: state({ seq: 2 }) });
    await settle();
    expect(one.network.last.operations().at(-1)).toMatchObject({ value: "first" });
  });
});

describe("an answer that is too long", () => {
  const essay = question("q1", { interactions: [typed("answer", 10)] });

  it("is kept whole, said to be too long as the server counts, and saved when it is shorter", async () => {
    const one = await new Page(device, store, words, { ...PAPER, questions: [essay] }).open();
    one.session.edit("q1", "😀".repeat(10), false);
    one.session.edit("q1", "😀".repeat(13), true);
    await device.pass(2_000);
    expect(one.network.last.operations()).toMatchObject([{ value: "😀".repeat(10) }]);
    expect(one.view?.model.answers["q1"]).toMatchObject({
      value: "😀".repeat(13),
      save: { kind: "refused", code: "answer_too_long" },
    });
    one.ackAll();
    expect(one.value()).toBe("😀".repeat(13));
    expect((await store.load("a1")).refused).toMatchObject([{ value: "😀".repeat(13) }]);
    one.session.edit("q1", "😀".repeat(9), false);
    one.ackAll();
    expect([one.value(), one.save()]).toEqual(["😀".repeat(9), "saved"]);
  });
});

describe("an answer with which something goes wrong in the server", () => {
  async function fail(one: Page, times: number): Promise<void> {
    for (let i = 0; i < times; i += 1) {
      await device.pass(16_000);
      const sent = one.network.last.operations().filter(({ question_id }) => question_id === "q1");
      one.network.last.say({ t: "refused", n: sent.at(-1)?.["n"], code: "internal", detail: "Something went wrong.", retry: "later" });
    }
    await settle();
  }

  it("keeps no other from being saved, is said to be not saved in the end, and goes again on a new connection", async () => {
    const one = await page();
    one.session.edit("q1", "poison", false);
    await fail(one, 3);
    one.session.edit("q2", "wholesome", false);
    one.ackAll();
    expect([one.save("q1"), one.save("q2")]).toEqual(["kept", "saved"]);
    await fail(one, 5);
    expect([one.save("q1"), one.value("q1")]).toEqual(["refused", "poison"]);
    expect((await store.load("a1")).refused).toMatchObject([{ value: "poison", code: "internal" }]);

    one.network.last.drop();
    await device.pass(600);
    await one.greet(5, [held("q2", "wholesome", 5)]);
    expect(one.network.last.operations()).toMatchObject([{ question_id: "q1", value: "poison" }]);
    one.ackAll();
    await settle();
    expect(one.save("q1")).toBe("saved");
    expect((await store.load("a1")).refused).toEqual([]);
  });
});
