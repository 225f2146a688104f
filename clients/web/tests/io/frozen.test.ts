import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it } from "vitest";
import { shown } from "../../src/core/connection-state";
import { openStore, type Store } from "../../src/io/store";
import { PAPER } from "../made";
import { Page, RECORD, Words } from "./page";
import { FakeDevice, settle } from "./world";

let device: FakeDevice;
let store: Store;
let words: Words;
let count = 0;
beforeEach(async () => {
  device = new FakeDevice();
  words = new Words();
  store = await openStore(`frozen ${(count += 1)}`);
});

describe("a page that the browser keeps for the way back", () => {
  it("hangs up, sends and writes nothing, and goes on where it was when it is shown again", async () => {
    const one = await new Page(device, store, words).open();
    const [socket] = one.network.sockets;
    one.session.edit("q1", "typed in the last instant", true);
    one.session.freeze();
    expect(socket?.operations()).toMatchObject([{ value: "typed in the last instant" }]);
    expect(socket?.open).toBe(false);
    expect(words.read("a1")).toMatchObject([{ body: { value: "typed in the last instant" } }]);
    one.session.nudge();
    await device.pass(600_000);
    expect(one.network.sockets).toHaveLength(1);

    one.session.thaw();
    await device.pass(600);
    await one.greet();
    expect(shown(one.view!.connection)).toBe("live");
    expect(one.network.last.operations()).toMatchObject([{ value: "typed in the last instant" }]);
    expect(words.read("a1")).toEqual([]);
  });

  it("writes nothing over what another page of the device keeps meanwhile", async () => {
    const one = await new Page(device, store, words).open();
    one.network.last.drop();
    await settle();
    one.session.edit("q1", "first", false);
    one.session.freeze();
    const two = new Page(device, store, words);
    await two.session.open(false);
    await settle();
    await two.greet();
    two.ackAll();
    await settle();
    expect((await store.load("a1")).entries).toEqual([]);
    // The browser may run what was waiting before the page is told that it is back.
    one.session.edit("q1", "first", false);
    one.session.flush();
    await settle();
    expect((await store.load("a1")).entries).toEqual([]);
  });
});

describe("the record of an attempt on the device", () => {
  const record = (page_id: string, title: string): Parameters<Store["claim"]>[0] => ({ ...RECORD, paper: PAPER, title, page_id });

  it("is that of the page that has opened it last", async () => {
    await store.claim(record("one", "as one knows it"));
    await store.putAttempt(record("one", "as one knows it later"));
    expect((await store.attempt("a1"))?.title).toBe("as one knows it later");
    await store.claim(record("two", "as two knows it"));
    await store.putAttempt(record("one", "too late"));
    expect((await store.attempt("a1"))?.title).toBe("as two knows it");
  });
});
