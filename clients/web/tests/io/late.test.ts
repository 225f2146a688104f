import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it } from "vitest";
import type { AttemptState } from "../../src/generated/messages";
import type { LateBody } from "../../src/generated/rest";
import { openStore, type Store } from "../../src/io/store";
import { state } from "../made";
import { Page, Words } from "./page";
import { FakeDevice } from "./world";

let device: FakeDevice;
let store: Store;
let count = 0;
beforeEach(async () => {
  device = new FakeDevice();
  store = await openStore(`late ${(count += 1)}`);
});

const TAKES = { policy: "evidence", for_ms: 1_800_000, waiting: 0, counted: 0, rejected: 0 };

function over(more: Partial<AttemptState> = {}): AttemptState {
  return state({ seq: 20, status: "expired", ended_as: "expired", ended_at_ms: device.now, reference: "R", clocks: [], late: TAKES, ...more });
}

/** She answers without a network, and comes back to an attempt that has ended. */
async function back(ended: AttemptState, answers: object[] = [], last_n = 0): Promise<Page> {
  const one = await new Page(device, store, new Words()).open();
  one.replies.set("result", () => ({}));
  one.network.last.drop();
  one.session.edit("q1", "in time", false);
  await device.pass(1_000);
  await one.greet(last_n, answers, ended);
  for (const operation of one.network.last.operations()) {
    one.network.last.say({ t: "refused", n: operation["n"], code: "deadline_passed", detail: "Time is up.", retry: "never", seq: null });
  }
  await device.pass(100);
  return one;
}

const sent = (one: Page): LateBody[] => one.calls.filter(([what]) => what === "late-answers").map(([, body]) => body as LateBody);

const THEIRS = { question_id: "q1", value: "of the other device", n: 7, saved_at_ms: 5 };

describe("what the device still has at the end", () => {
  it("goes to the server as evidence, with the clock of the device, and stays here", async () => {
    const one = await back(over());
    expect(sent(one)).toMatchObject([{ answers: [{ question_id: "q1", value: "in time", base: 0 }] }]);
    const [body] = sent(one);
    expect(body!.answers[0]!.client_at_ms).toBeLessThan(body!.client_now_ms);
    one.replies.set("late-answers", () => ({ state: over({ seq: 21, late: { ...TAKES, waiting: 1 } }) }));
    await device.pass(20_000);
    expect(one.view?.model.state?.late?.waiting).toBe(1);
    expect(one.view?.model.answers["q1"]).toMatchObject({ value: "in time", save: { kind: "refused", code: "late" } });
    expect((await store.load("a1")).refused).toMatchObject([{ question_id: "q1", code: "late" }]);
    const calls = sent(one).length;
    await device.pass(600_000);
    expect(sent(one).length).toBe(calls);
  });

  it("is not sent where the test takes nothing", async () => {
    const one = await back(over({ late: null }));
    await device.pass(60_000);
    expect(sent(one)).toEqual([]);
    expect(one.view?.model.answers["q1"]?.save).toMatchObject({ kind: "refused", code: "deadline_passed" });
  });

  it.each([
    ["late_not_taken", "never", 409],
    ["token_expired", "later", 401],
  ])("is not sent again after %s, before another end", async (code, retry, status) => {
    const page = await back(over());
    page.refusals.set("late-answers", { status, code, retry });
    await device.pass(60_000);
    const calls = sent(page).length;
    await device.pass(600_000);
    expect(sent(page).length).toBe(calls);
    expect(page.value()).toBe("in time");
    page.network.last.say({ t: "state", now_ms: device.now, state: state({ seq: 30, late: TAKES }) });
    await device.pass(1_000);
    page.network.last.say({ t: "state", now_ms: device.now, state: over({ seq: 40 }) });
    for (const operation of page.network.last.operations().slice(-1)) {
      page.network.last.say({ t: "refused", n: operation["n"], code: "deadline_passed", detail: "", retry: "never", seq: null });
    }
    await device.pass(100);
    expect(sent(page).length).toBe(calls + 1);
  });

  it("says that it did not know of the other device's answer", async () => {
    const one = await back(over(), [THEIRS], 7);
    expect(sent(one)[0]).toMatchObject({ answers: [{ value: "in time", base: 6 }] });
  });

  it("is an answer again when the attempt goes on", async () => {
    const one = await back(over());
    one.replies.set("late-answers", () => ({ state: over({ seq: 21, late: { ...TAKES, waiting: 1 } }) }));
    await device.pass(20_000);
    const before = one.network.last.operations().length;
    one.network.last.say({ t: "state", now_ms: device.now, state: state({ seq: 30, late: TAKES }) });
    await device.pass(5_000);
    expect(one.network.last.operations().slice(before)).toMatchObject([{ t: "answer", question_id: "q1", value: "in time" }]);
  });
});
