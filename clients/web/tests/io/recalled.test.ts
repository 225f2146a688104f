/** A page that comes up without a network goes on from what an earlier page of its device knew. */

import "fake-indexeddb/auto";
import { beforeEach, expect, it } from "vitest";
import { leftMs } from "../../src/core/candidate";
import { openStore, type Store } from "../../src/io/store";
import { PAPER, state } from "../made";
import { Page, Words } from "./page";
import { FakeDevice, settle } from "./world";

let device: FakeDevice;
let last_words: Words;
let store: Store;
let count = 0;
beforeEach(async () => {
  device = new FakeDevice();
  last_words = new Words();
  store = await openStore(`recalled ${(count += 1)}`);
});

const fresh = (): Page => new Page(device, store, last_words);

/** A page that has answered, flagged and gone on, and is then reloaded. */
async function reloaded(): Promise<Page> {
  const one = await fresh().open();
  one.session.edit("q1", "saved", false);
  one.session.flag("q1", true);
  one.ackAll();
  await settle();
  one.network.last.drop();
  one.session.edit("q2", "typed offline", false);
  one.session.leave();
  await settle();
  one.session.stop();
  const two = fresh();
  await two.session.open(false);
  return two;
}

it("comes up with answers, flags and the time that is left, and takes more", async () => {
  const two = await reloaded();
  expect(two.view?.model.state).toBeNull();
  await device.pass(60_000);
  two.network.last.drop();
  await settle();
  const { model, silent_since } = two.view!;
  expect(model.state?.status).toBe("in_progress");
  expect(model.answers["q1"]).toMatchObject({ value: "saved", save: { kind: "saved" } });
  expect(model.answers["q2"]).toMatchObject({ value: "typed offline", save: { kind: "kept" } });
  expect([...model.flagged]).toEqual(["q1"]);
  expect([model.candidate_name, model.title]).toEqual(["Ada", "Test"]);
  expect(leftMs(model.state, two.session.now())).toBe(540_000);
  expect(silent_since).toBe(1_000_000);

  two.session.edit("q3", "later", false);
  await settle();
  expect(two.save("q3")).toBe("kept");
  await device.pass(8_000);
  await two.greet(2, [{ question_id: "q1", value: "saved", n: 1, saved_at_ms: 5 }]);
  const sent = two.network.last.operations().filter(({ t }) => t === "answer");
  expect(sent).toMatchObject([{ question_id: "q2" }, { question_id: "q3" }]);
  two.ackAll();
  expect([two.save("q2"), two.save("q3")]).toEqual(["saved", "saved"]);
});

it("comes up also when nothing was done since the paper came", async () => {
  const one = new Page(device, store, last_words, null);
  one.replies.set("paper", () => PAPER);
  await one.open();
  await settle();
  expect(one.view?.model.paper).not.toBeNull();
  expect((await store.load("a1")).acknowledged.told?.state.status).toBe("in_progress");
});

it("does not wait for a server that says nothing", async () => {
  const two = await reloaded();
  await device.pass(2_999);
  expect(two.view?.model.state ?? null).toBeNull();
  await device.pass(1);
  expect(two.view?.model.state?.status).toBe("in_progress");
});

it("is the server's from its first word on: what ended meanwhile has ended", async () => {
  const two = await reloaded();
  await device.pass(3_000);
  await two.greet(2, [], state({ status: "submitted", ended_as: "submitted", seq: 9 }));
  expect(two.view?.model.state?.status).toBe("submitted");
  await settle();
  expect((await store.load("a1")).acknowledged.told).toBeNull();
});

it("locks when time is up by what it knows, and keeps what was typed", async () => {
  const two = await reloaded();
  await device.pass(600_000);
  two.session.edit("q3", "too late", false);
  expect(two.value("q3")).toBeUndefined();
  expect(two.save("q2")).toBe("kept");
});

it("knows nothing before the start, and nothing after the end", async () => {
  const one = fresh();
  await one.session.open(true);
  await one.greet(0, [], state({ status: "initiated", clocks: [], started_at_ms: null }));
  expect((await store.load("a1")).acknowledged.told).toBeNull();
});

it("goes by a wall clock that runs on while no page is open", async () => {
  const one = await fresh().open();
  await settle();
  one.session.stop();
  device.slept_ms += 100_000;
  const two = fresh();
  await two.session.open(false);
  two.network.last.drop();
  await settle();
  expect(leftMs(two.view!.model.state, two.session.now())).toBe(500_000);
});
