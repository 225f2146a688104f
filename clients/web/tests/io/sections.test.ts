import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it } from "vitest";
import type { AttemptState } from "../../src/generated/messages";
import { openStore, type Store } from "../../src/io/store";
import { clock, runsUntil, sectioned, state } from "../made";
import { Page, Words } from "./page";
import { FakeDevice, settle } from "./world";

let device: FakeDevice;
let store: Store;
let count = 0;
beforeEach(async () => {
  device = new FakeDevice();
  store = await openStore(`sections ${(count += 1)}`);
});

const TEST_END = 1_600_000;
const IN_A = state({ section_id: "a", clocks: [clock(TEST_END), clock(1_060_000, { scope: "section", of: "a" })] });
const BETWEEN = state({ closed_sections: ["a"], seq: 5, clocks: runsUntil(TEST_END) });
const IN_B = state({
  section_id: "b",
  closed_sections: ["a"],
  seq: 6,
  clocks: [clock(TEST_END), clock(1_200_000, { scope: "section", of: "b" })],
});

/** A page in section a, on a server that has the paper of each section. */
async function page(now: AttemptState = IN_A): Promise<Page> {
  const one = new Page(device, store, new Words(), sectioned("a"));
  await one.session.open(true);
  return one.greet(0, [], now, 1_000_000);
}

function say(one: Page, now: AttemptState): void {
  one.network.last.say({ t: "state", now_ms: 1_000_000, state: now });
}

describe("entering a section", () => {
  it("lets what was typed go first, and takes no more answers meanwhile", async () => {
    const one = await page();
    one.session.edit("a1", "yes", true);
    one.session.enter("b");
    await settle();
    expect(one.network.last.operations()).toMatchObject([{ t: "answer", value: "yes" }]);
    one.ack(1);
    await settle();
    expect(one.network.last.operations()).toMatchObject([{ t: "answer", value: "yes" }, { t: "enter", section_id: "b" }]);
    one.session.edit("a1", "no", false);
    one.session.enter("b");
    await settle();
    expect([one.value("a1"), one.network.last.operations().length]).toEqual(["yes", 2]);
  });

  it("brings the questions of that section", async () => {
    const one = await page();
    one.replies.set("paper", () => sectioned("b"));
    one.session.enter("b");
    say(one, IN_B);
    await device.pass(1_000);
    expect(one.view?.model).toMatchObject({ entering: null, index: 2, paper: { section_id: "b" } });
    one.session.edit("b1", "here", false);
    await settle();
    expect(one.network.last.operations().at(-1)).toMatchObject({ t: "answer", question_id: "b1", value: "here" });
  });

  it("asks again for the questions where the server gave those of another one", async () => {
    const one = await page();
    const papers = [sectioned("a"), sectioned("b")];
    one.replies.set("paper", () => papers.shift() ?? sectioned("b"));
    say(one, IN_B);
    await device.pass(5_000);
    expect(one.view?.model.paper?.section_id).toBe("b");
  });

  it("that is refused lets her go on where she is", async () => {
    const one = await page();
    one.session.enter("c");
    await settle();
    const n = Number(one.network.last.operations().at(-1)?.n);
    one.network.last.say({ t: "refused", n, code: "section_order", detail: "In their order.", retry: "never" });
    await settle();
    expect(one.view?.model).toMatchObject({ entering: null, enter_refused: { code: "section_order", detail: "In their order." } });
    one.session.edit("a1", "yes", false);
    expect(one.value("a1")).toBe("yes");
  });
});

describe("a section", () => {
  it("is all that she can go to", async () => {
    const one = await page();
    one.session.goTo(1);
    one.session.goTo(2);
    expect(one.view?.model.index).toBe(1);
  });

  it("whose time is up sends what was typed, and takes no more", async () => {
    const one = await page();
    await device.pass(59_900);
    one.session.edit("a1", "in time", true);
    await device.pass(150);
    expect(one.network.last.operations()).toMatchObject([{ t: "answer", value: "in time" }]);
    one.session.edit("a1", "too late", true);
    expect(one.value("a1")).toBe("in time");
  });

  it("that ended while she was away is not open when she comes back, and the next one has its whole time", async () => {
    const one = await page();
    one.network.last.drop();
    await device.pass(90_000);
    one.session.edit("a1", "too late", false);
    expect(one.value("a1")).toBeUndefined();
    await one.greet(0, [], BETWEEN, device.now);
    expect(one.view?.model.state).toMatchObject({ section_id: null, closed_sections: ["a"] });
    one.session.enter("b");
    await settle();
    expect(one.network.last.operations()).toMatchObject([{ t: "enter", section_id: "b" }]);
  });
});

it("a question whose time is up takes no more answers, while others do", async () => {
  const one = await page({ ...IN_A, closed_questions: ["a1"] });
  one.session.edit("a1", "too late", false);
  one.session.edit("a2", "fine", false);
  expect([one.value("a1"), one.value("a2")]).toEqual([undefined, "fine"]);
});
