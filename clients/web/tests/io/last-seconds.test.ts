import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it } from "vitest";
import { shown } from "../../src/core/connection-state";
import type { AttemptState } from "../../src/generated/messages";
import { openStore, type Store } from "../../src/io/store";
import { runsUntil, state } from "../made";
import { Page, Words } from "./page";
import { FakeDevice, settle } from "./world";

let device: FakeDevice;
let store: Store;
let words: Words;
let count = 0;
beforeEach(async () => {
  device = new FakeDevice();
  words = new Words();
  store = await openStore(`seconds ${(count += 1)}`);
});

const page = (): Promise<Page> => new Page(device, store, words).open();

describe("typed text", () => {
  it("without a rest is never more than 1.5 s behind", async () => {
    const one = await page();
    for (let keys = 1; keys <= 44; keys += 1) {
      one.session.edit("q1", "x".repeat(keys), true);
      await device.pass(100);
    }
    const sent = one.network.last.operations().map(({ value }) => String(value).length);
    expect(Math.max(...sent)).toBeGreaterThanOrEqual(44 - 15);
    expect(sent.length).toBeLessThanOrEqual(3);
  });

  it("that is long, and sent whole each time, goes out every 2 s", async () => {
    const one = await page();
    for (let keys = 1; keys <= 60; keys += 1) {
      one.session.edit("q1", "x".repeat(5_000 + keys), true);
      await device.pass(100);
    }
    expect(one.network.last.operations().length).toBeLessThanOrEqual(3);
  });
});

/** So much is left. */
function ending(left_ms: number): AttemptState {
  const deadline_ms = device.now + left_ms;
  return state({ seq: 4, clocks: runsUntil(deadline_ms) });
}

function leave(one: Page, left_ms: number): void {
  one.network.last.say({ t: "state", now_ms: device.now, state: ending(left_ms) });
}

describe("a refusal for now", () => {
  it("over REST is not waited out past the end, however long the server asks to stay away", async () => {
    const one = await page();
    one.overRest(ending(40_000));
    leave(one, 40_000);
    for (let tries = 0; tries < 2; tries += 1) {
      one.network.last.drop();
      await device.pass(1_500);
    }
    expect(shown(one.view!.connection)).toBe("rest");
    one.refusals.set("answers", { status: 429, code: "rate_limited", retry: "later", after_s: 60 });
    one.session.edit("q1", "at the last", false);
    await device.pass(20_000);
    expect(one.save()).toBe("kept");
    const tries = one.calls.filter(([what]) => what === "answers").length;
    expect(tries).toBeGreaterThan(2);
    expect(tries).toBeLessThan(15);
    one.refusals.delete("answers");
    await device.pass(3_000);
    expect(one.save()).toBe("saved");
  });

  it("over the socket holds the queue up for a share of what is left", async () => {
    const one = await page();
    const refuse = (): void => {
      const last = one.network.last.operations().at(-1);
      one.network.last.say({ t: "refused", n: last?.["n"], code: "overloaded", detail: "", retry: "later", seq: null });
    };
    one.session.edit("q1", "at the last", false);
    // So often that without an end in sight the next try would be 7.5 s away.
    for (let refused = 0; refused < 6; refused += 1) {
      refuse();
      await device.pass(20_000);
    }
    leave(one, 6_000);
    refuse();
    const before = one.network.last.operations().length;
    await device.pass(1_000);
    expect(one.network.last.operations().length).toBe(before + 1);
  });
});

describe("a silent connection", () => {
  const nearEnd = (one: Page, left_ms: number): void => {
    leave(one, left_ms);
    one.network.echoes = false;
  };

  it("near the end gets a second one beside it within 2 s, which brings the answer in", async () => {
    const one = await page();
    nearEnd(one, 15_000);
    const first = one.network.last;
    one.session.edit("q1", "at the last", false);
    await device.pass(1_900);
    expect(one.network.sockets).toHaveLength(1);
    await device.pass(200);
    expect(one.network.sockets).toHaveLength(2);
    // The first one goes on meanwhile.
    one.session.edit("q2", "typed meanwhile", false);
    expect(first.operations()).toHaveLength(2);
    await one.greet(0);
    expect(first.open).toBe(false);
    expect(one.network.last.operations()).toMatchObject([{ n: 1, value: "at the last" }, { n: 2, question_id: "q2" }]);
    expect(shown(one.view!.connection)).toBe("live");
  });

  it("near the end gets REST beside it as well, where no second one is welcomed", async () => {
    const one = await page();
    one.overRest();
    nearEnd(one, 15_000);
    one.session.edit("q1", "at the last", false);
    await device.pass(3_200);
    expect([shown(one.view!.connection), one.save()]).toEqual(["rest", "saved"]);
  });

  it("that speaks after all is believed: a slow server is not run into by a whole room", async () => {
    const one = await page();
    nearEnd(one, 15_000);
    one.network.echoes = true;
    one.session.edit("q1", "at the last", false);
    await device.pass(10_000);
    expect(one.network.sockets).toHaveLength(1);
    expect(one.network.last.sent.filter(({ t }) => t === "beat").length).toBeGreaterThan(5);
  });

  it("in the grace is doubted in half a second", async () => {
    const one = await page();
    nearEnd(one, 700);
    one.session.edit("q1", "typed to the end", true);
    await device.pass(700);
    expect(one.network.last.operations()).toHaveLength(1);
    await device.pass(600);
    expect(one.network.sockets).toHaveLength(2);
  });

  it("while there is time is asked, and given up some seconds later", async () => {
    const one = await page();
    one.network.echoes = false;
    one.session.edit("q1", "b", false);
    await device.pass(4_100);
    expect(one.network.sockets).toHaveLength(1);
    await device.pass(4_600);
    expect(one.network.sockets).toHaveLength(2);
  });
});

describe("without a connection at the deadline", () => {
  it("the page is locked where the clock runs on", async () => {
    const one = await page();
    one.network.last.drop();
    await device.pass(600_000);
    one.session.edit("q1", "too late", false);
    expect([one.value(), one.view?.knows_clock]).toEqual([undefined, true]);
  });

  it("it goes on where the clock may be standing, and the server says what counted", async () => {
    const one = new Page(device, store, words);
    await one.session.open(true);
    const stops = { pauses_on_disconnect: true };
    await one.greet(0, [], state(), device.now, stops);
    expect([one.view?.knows_clock, one.view?.silent_since]).toEqual([true, null]);
    const heard_at = one.session.now();
    one.network.last.drop();
    expect([one.view?.knows_clock, one.view?.silent_since]).toEqual([false, heard_at]);
    await device.pass(620_000);
    one.session.edit("q1", "typed while it stood", false);
    await settle();
    expect([one.value(), one.save()]).toEqual(["typed while it stood", "kept"]);
    const standing = state({ seq: 5, clocks: runsUntil(device.now + 13_600) });
    await one.greet(0, [], standing, device.now, stops);
    expect(one.network.last.operations()).toMatchObject([{ value: "typed while it stood" }]);
    expect([one.view?.knows_clock, one.view?.silent_since]).toEqual([true, null]);
  });
});
