import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it } from "vitest";
import { shown } from "../../src/core/connection-state";
import { remedy } from "../../src/core/remedy";
import { CLOSE } from "../../src/generated/codes";
import { Identity } from "../../src/io/identity";
import { openStore, type Store } from "../../src/io/store";
import { PAPER, runsUntil, state } from "../made";
import { memory, Page, RESUMED, Words } from "./page";
import { FakeDevice, settle } from "./world";

let device: FakeDevice;
let store: Store;
let words: Words;
let count = 0;
beforeEach(async () => {
  device = new FakeDevice();
  words = new Words();
  store = await openStore(`devices ${(count += 1)}`);
});

/** What the newest socket says of itself. */
function hello(page: Page): Record<string, unknown> {
  page.network.last.handlers.opened();
  return page.network.last.sent.find(({ t }) => t === "hello") ?? {};
}

describe("a device", () => {
  it("stays itself over a reload, and its tries only rise, even where the storage or the clock goes back", () => {
    const tab = memory();
    const one = new Identity(tab, () => 1_000);
    expect([one.is_new, one.next(), one.next()]).toEqual([true, 1_000, 1_001]);
    const two = new Identity(tab, () => 5);
    expect([two.is_new, two.device === one.device, two.next()]).toEqual([false, true, 1_002]);
    expect(new Identity(tab, () => 9_000).next()).toBe(9_000);
    expect(two.renew()).not.toBe(one.device);
  });

  it("asks for the attempt when a person wants it, and comes back by itself without", async () => {
    const one = new Page(device, store, words);
    await one.session.open(true);
    expect(hello(one)).toMatchObject({ takeover: true, seen_seq: null, seen_head: null });
    await one.greet();
    one.ackAll();
    one.network.last.drop();
    await device.pass(600);
    const again = hello(one);
    expect(again).toMatchObject({ takeover: false, seen_seq: 3, seen_head: "11" });
    expect(Number(again["connect_n"])).toBeGreaterThan(Number(one.network.sockets[0]?.sent[0]?.["connect_n"]));
    one.network.last.drop(CLOSE.CONNECTION_EXISTS);
    one.session.useHere();
    expect(hello(one)).toMatchObject({ takeover: true });
  });

  it("does not take a wish of long ago for a wish of now", async () => {
    const one = new Page(device, store, words);
    await one.session.open(true);
    await device.pass(180_000);
    while (!one.network.last.open) await device.pass(500);
    expect(hello(one)).toMatchObject({ takeover: false });
  });

  it("that wakes while another one is in use says so, and sends nothing until a person wants it here", async () => {
    const one = await new Page(device, store, words).open();
    one.session.edit("q1", "b", false);
    one.network.last.drop();
    await device.pass(600);
    hello(one);
    one.network.last.say({ t: "refused", n: null, code: "connection_exists", detail: "It is open elsewhere.", retry: "never" });
    one.network.last.drop(CLOSE.CONNECTION_EXISTS);
    const { phase } = one.view!.connection;
    expect(phase.name === "ended" && remedy(phase.end)).toBe("use_here");
    await device.pass(600_000);
    expect(one.network.sockets).toHaveLength(2);
    one.session.useHere();
    await one.greet();
    expect(one.view!.model.trouble).toBeNull();
    expect(one.network.last.operations()).toMatchObject([{ value: "b" }]);
  });
});

describe("a try of this very page that comes late", () => {
  it("does not end the page: a socket that it replaced is only lost", async () => {
    const one = await new Page(device, store, words).open();
    one.network.echoes = false;
    one.network.last.say({ t: "state", now_ms: device.now, state: state({ seq: 4, clocks: runsUntil(device.now + 15_000) }) });
    one.session.edit("q1", "b", false);
    await device.pass(2_100);
    const [first] = one.network.sockets;
    hello(one);
    first?.drop(CLOSE.SUPERSEDED);
    expect(shown(one.view!.connection)).toBe("connecting");
    await one.greet();
    expect(shown(one.view!.connection)).toBe("live");
  });

  it("over REST is not believed when a socket has been tried since", async () => {
    const one = new Page(device, store, words, PAPER);
    let answer: (() => void) | null = null;
    one.slow("resume", (go) => (answer = go));
    one.replies.set("resume", () => ({ ...RESUMED, now_ms: device.now, last_n: 0, state: state() }));
    await one.session.open(true);
    for (let i = 0; i < 3; i += 1) {
      one.network.last.drop();
      await device.pass(1_500);
    }
    hello(one);
    answer!();
    await settle();
    expect(shown(one.view!.connection)).not.toBe("rest");
    await one.greet();
    expect(shown(one.view!.connection)).toBe("live");
  });

  it("is the only reason: replaced by another device, the page ends calmly", async () => {
    const one = await new Page(device, store, words).open();
    one.network.last.drop(CLOSE.SUPERSEDED);
    expect(shown(one.view!.connection)).toBe("ended");
  });
});

describe("a refused link", () => {
  it("over REST is said at once, and is not 'no connection' for ever", async () => {
    const one = new Page(device, store, words);
    one.refusals.set("resume", { status: 401, code: "token_expired", retry: "later" });
    await one.session.open(true);
    await one.untilRest();
    const { phase } = one.view!.connection;
    expect(phase.name === "ended" && remedy(phase.end)).toBe("sign_in");
  });
});
