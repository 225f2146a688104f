import { describe, expect, it } from "vitest";
import { positionOf, type OperationBody } from "../../src/core/operation";
import { Queue } from "../../src/core/queue";
import type { Operation, SavedAnswer } from "../../src/generated/messages";

const answer = (question_id: string, value: string): OperationBody => ({
  t: "answer",
  question_id,
  value,
  position: null,
  client_at_ms: 0,
});
/** An edit that waits for 800 ms without another, and 5 s at most. */
const TYPED = { quiet_ms: 800, most_ms: 5_000 };
const receipt = (message_id: string): OperationBody => ({ t: "receipt", message_id, seen: true, client_at_ms: 0 });
const enter: OperationBody = { t: "enter", section_id: "writing", client_at_ms: 0 };
const submit: OperationBody = { t: "submit", client_at_ms: 0 };
const start: OperationBody = { t: "start", access_code: null, client_at_ms: 0 };

function connected(last_n = 0): Queue {
  const queue = new Queue();
  queue.connected(last_n);
  return queue;
}

const numbers = (queue: Queue, now = 0): number[] => queue.take(now).map(({ n }) => n);

/** What a page that was reloaded finds on the device. */
function reloaded(...queues: Queue[]): Queue {
  const stored = new Map<number, ReturnType<Queue["changes"]>["put"][number]>();
  for (const queue of queues) {
    const { put, removed } = queue.changes();
    for (const entry of put) stored.set(entry.key, entry);
    for (const key of removed) stored.delete(key);
  }
  return new Queue([...stored.values()]);
}

describe("numbers", () => {
  it("start above the server's last number", () => {
    const queue = connected(41);
    queue.add(answer("q1", "a"), 0);
    queue.add(answer("q2", "a"), 0);
    expect(numbers(queue)).toEqual([42, 43]);
    expect(numbers(queue)).toEqual([]);
  });

  it("start above the page's own too", () => {
    const queue = connected();
    queue.add(answer("q1", "a"), 0);
    expect(numbers(queue)).toEqual([1]);
    queue.connected(0);
    queue.add(answer("q2", "a"), 0);
    expect(numbers(queue)).toEqual([1, 2]);
  });

  it("go out in their order even when a draft waits", () => {
    const queue = connected();
    queue.add(answer("essay", "draft"), 0, TYPED);
    queue.add(answer("q2", "a"), 0);
    expect(queue.take(0)).toMatchObject([{ n: 1, question_id: "q2" }]);
    expect(queue.take(800)).toMatchObject([{ n: 2, question_id: "essay" }]);
  });

  it("of at most 64 operations are on the wire at once", () => {
    const queue = connected(10);
    for (let i = 0; i < 100; i += 1) queue.add(answer(`q${i}`, "a"), 0);
    expect(numbers(queue)).toHaveLength(64);
    expect(numbers(queue)).toEqual([]);
    queue.ack(11);
    expect(numbers(queue)).toEqual([75]);
    queue.ack(75);
    expect(numbers(queue)).toHaveLength(35);
  });

  it("that were kept go out again in windows of 64, on every new connection", () => {
    const queue = connected();
    for (let i = 0; i < 500; i += 1) queue.add(answer(`q${i}`, "a"), 0);
    let sent = numbers(queue);
    for (let again = 0; again < 3; again += 1) {
      queue.connected(0);
      expect(numbers(queue)).toEqual(sent);
    }
    const all = [...sent];
    for (; sent.length > 0; all.push(...sent)) {
      queue.ack(sent.at(-1)!);
      sent = numbers(queue);
      expect(sent.length).toBeLessThanOrEqual(64);
    }
    expect(all).toEqual(Array.from({ length: 500 }, (_, i) => i + 1));
    expect(queue.size).toBe(0);
  });

  it("only rise, however many were refused", () => {
    const queue = connected();
    for (let i = 0; i < 500; i += 1) queue.add(answer(`q${i}`, "a"), 0);
    for (let sent = numbers(queue); sent.length > 0; sent = numbers(queue)) {
      for (const n of sent) queue.refuse(n, "unknown_question", "never", 0, 0);
    }
    queue.add(answer("q1", "a"), 0);
    expect(numbers(queue)).toEqual([501]);
  });
});

describe("drafts", () => {
  it("are replaced by a later edit while nothing was sent", () => {
    const queue = connected();
    queue.add(answer("q1", "a"), 0, TYPED);
    queue.add(answer("q1", "ab"), 100, TYPED);
    expect(queue.size).toBe(1);
    expect(queue.take(850)).toEqual([]);
    expect(queue.take(900)).toMatchObject([{ n: 1, value: "ab" }]);
  });

  it("are not put off for ever", () => {
    const queue = connected();
    for (let now = 0; now < 5000; now += 100) queue.add(answer("q1", String(now)), now, TYPED);
    expect(queue.wakeAt()).toBe(5000);
    expect(queue.take(5000)).toHaveLength(1);
  });

  it("go at once when flushed", () => {
    const queue = connected();
    queue.add(answer("q1", "a"), 0, TYPED);
    queue.flush();
    expect(queue.take(0)).toHaveLength(1);
  });

  it("become a new operation once the old one was sent", () => {
    const queue = connected();
    queue.add(answer("q1", "a"), 0);
    queue.take(0);
    queue.add(answer("q1", "b"), 0);
    expect(queue.take(0)).toMatchObject([{ n: 2, value: "b" }]);
    expect(queue.ack(1)).toMatchObject([{ value: "a" }]);
    expect(queue.answerOf("q1")).toMatchObject({ value: "b" });
  });
});

describe("acks", () => {
  it("settle everything that was sent up to their number", () => {
    const queue = connected();
    for (const id of ["q1", "q2", "q3"]) queue.add(answer(id, "a"), 0);
    queue.take(0);
    expect(queue.ack(2)).toHaveLength(2);
    expect(queue.size).toBe(1);
  });

  it("settle nothing that was not sent on this connection", () => {
    const queue = connected();
    queue.add(answer("q1", "a"), 0);
    queue.take(0);
    queue.connected(0);
    expect(queue.ack(9)).toEqual([]);
    expect(queue.size).toBe(1);
  });

  it("by REST settle exactly what they name", () => {
    const queue = connected();
    for (const id of ["q1", "q2", "q3"]) queue.add(answer(id, "a"), 0);
    queue.take(0);
    expect(queue.ackExactly([1, 3])).toHaveLength(2);
    expect(queue.answerOf("q2")).not.toBeNull();
  });
});

describe("a new connection", () => {
  it("sends again everything that is not settled, with its number and its body", () => {
    const queue = connected();
    queue.add(answer("q1", "a"), 0);
    queue.add(answer("q2", "b"), 0);
    const sent = queue.take(0);
    queue.connected(2);
    expect(queue.take(0)).toEqual(sent);
  });

  it("of a reloaded page does the same", () => {
    const queue = connected();
    queue.add(answer("q1", "a"), 0);
    const sent = queue.take(0);
    const again = reloaded(queue);
    again.connected(0);
    again.add(answer("q2", "b"), 0);
    expect(again.take(0)).toMatchObject([...sent, { n: 2, question_id: "q2" }]);
  });

  it("to a server with an older log keeps its numbers: they only have to rise", () => {
    const queue = connected(500);
    queue.add(answer("q1", "a"), 0);
    queue.take(0);
    queue.connected(100);
    queue.add(answer("q2", "a"), 0);
    expect(numbers(queue)).toEqual([501, 502]);
  });
});

describe("refusals", () => {
  it("that are final forget the operation", () => {
    const queue = connected();
    queue.add(answer("q1", "a"), 0);
    queue.take(0);
    expect(queue.refuse(1, "answer_too_long", "never", 0, 0)).toMatchObject({ fate: "refused" });
    expect(queue.size).toBe(0);
  });

  it("of a number that was used elsewhere are final too", () => {
    const queue = connected();
    queue.add(answer("q1", "a"), 0);
    queue.take(0);
    expect(queue.refuse(1, "number_reused", "never", 0, 0)?.fate).toBe("refused");
  });

  it("for now keep it for a back-off, under its number", () => {
    const queue = connected();
    queue.add(answer("q1", "a"), 0);
    queue.take(0);
    expect(queue.refuse(1, "overloaded", "later", 0, 0.5)?.fate).toBe("kept");
    expect(queue.take(700)).toEqual([]);
    expect(queue.wakeAt()).toBe(750);
    expect(numbers(queue, 750)).toEqual([1]);
  });

  it("while paused keep it until the clock runs, and let receipts through", () => {
    const queue = connected();
    queue.add(answer("q1", "a"), 0);
    queue.take(0);
    queue.status("paused");
    queue.refuse(1, "paused", "later", 0, 0);
    queue.add(receipt("m1"), 0);
    expect(numbers(queue, 1e9)).toEqual([2]);
    queue.ack(2);
    queue.status("in_progress");
    // Number 1 lies below one that was accepted: the answer needs a new one.
    expect(queue.take(0)).toMatchObject([{ n: 3, question_id: "q1" }]);
  });

  it("while paused are tried again where the clock is known to run", () => {
    const queue = connected();
    queue.status("in_progress");
    queue.add(answer("q1", "a"), 0);
    queue.take(0);
    queue.refuse(1, "paused", "later", 0, 0);
    const at = queue.wakeAt()!;
    expect(queue.take(at - 1)).toEqual([]);
    expect(numbers(queue, at)).toEqual([1]);
  });

  it("for now hold a receipt too, while the clock stands", () => {
    const queue = connected();
    queue.status("paused");
    queue.add(answer("q1", "a"), 0);
    queue.take(0);
    queue.refuse(1, "paused", "later", 0, 0);
    queue.add(receipt("m1"), 0);
    queue.take(0);
    queue.refuse(2, "overloaded", "later", 0, 0.5);
    expect(queue.take(700)).toEqual([]);
    expect(numbers(queue, 750)).toEqual([2]);
  });

  it("for now let the first go alone", () => {
    const queue = connected();
    for (const id of ["q1", "q2", "q3"]) queue.add(answer(id, "a"), 0);
    queue.take(0);
    for (const n of [1, 2, 3]) queue.refuse(n, "overloaded", "later", 0, 0);
    expect(numbers(queue, 1000)).toEqual([1]);
    expect(numbers(queue, 1000)).toEqual([]);
    queue.ack(1);
    expect(numbers(queue, 1000)).toEqual([2, 3]);
  });

  it("for now ask for no time on behalf of a draft that is ready and may not leave yet", () => {
    const queue = connected();
    queue.add(answer("q1", "a"), 0);
    queue.take(0);
    queue.refuse(1, "overloaded", "later", 0, 0);
    queue.add(answer("q2", "a"), 0, TYPED);
    expect(numbers(queue, 900)).toEqual([1]);
    expect(queue.wakeAt()).toBeNull();
    queue.ack(1);
    expect(numbers(queue, 900)).toEqual([2]);
  });

  it("while paused use the same number if nothing higher was accepted", () => {
    const queue = connected();
    queue.add(answer("q1", "a"), 0);
    queue.add(answer("q2", "a"), 0);
    queue.take(0);
    queue.status("paused");
    queue.refuse(1, "paused", "later", 0, 0);
    queue.refuse(2, "paused", "later", 0, 0);
    queue.status("in_progress");
    expect(numbers(queue)).toEqual([1]);
    queue.ack(1);
    expect(numbers(queue)).toEqual([2]);
  });

  it("never let an ack for something else count for them", () => {
    const queue = connected();
    queue.add(answer("q1", "a"), 0);
    queue.add(answer("q2", "a"), 0);
    queue.take(0);
    queue.refuse(1, "overloaded", "later", 0, 0);
    // Number 2 is still on the wire: an ack of 2 that comes now must not be taken for the repeated 1.
    expect(queue.take(1000)).toEqual([]);
    expect(queue.ack(2)).toMatchObject([{ question_id: "q2" }]);
    expect(queue.answerOf("q1")).not.toBeNull();
    expect(queue.take(1000)).toMatchObject([{ n: 3, question_id: "q1" }]);
  });

  it("for now forget what a later edit has overtaken: sent again it would undo it", () => {
    const queue = connected();
    queue.add(answer("q1", "old"), 0);
    queue.take(0);
    queue.add(answer("q1", "new"), 0);
    queue.take(0);
    queue.refuse(1, "rate_limited", "later", 0, 0);
    expect(queue.ack(2)).toMatchObject([{ n: 2, value: "new" }]);
    expect(queue.take(1000)).toEqual([]);
    expect(reloaded(queue).size).toBe(0);
  });

  it("for now keep what nothing later is about", () => {
    const queue = connected();
    queue.add(answer("q1", "old"), 0);
    queue.add(answer("q2", "old"), 0);
    queue.take(0);
    queue.add(answer("q1", "newer"), 0);
    queue.take(0);
    queue.refuse(2, "rate_limited", "later", 0, 0);
    queue.refuse(3, "rate_limited", "later", 0, 0);
    queue.ack(1);
    expect(queue.take(1000)).toMatchObject([{ n: 2, question_id: "q2" }]);
    queue.ack(2);
    expect(queue.take(1000)).toMatchObject([{ n: 3, value: "newer" }]);
  });

  it("of a skipped number give it a new one, or drop it for a newer edit", () => {
    const queue = connected(5);
    queue.add(answer("q1", "a"), 0);
    queue.take(0);
    expect(queue.refuse(6, "number_skipped", "reload", 0, 0)?.fate).toBe("kept");
    expect(numbers(queue)).toEqual([7]);
    queue.add(answer("q1", "b"), 0);
    expect(queue.refuse(7, "number_skipped", "reload", 0, 0)?.fate).toBe("dropped");
    expect(queue.take(0)).toMatchObject([{ n: 8, value: "b" }]);
  });

  it("of skipped numbers twice in a row ask for a fresh welcome", () => {
    const queue = connected(5);
    queue.add(answer("q1", "a"), 0);
    queue.take(0);
    queue.refuse(6, "number_skipped", "reload", 0, 0);
    queue.take(0);
    expect(queue.refuse(7, "number_skipped", "reload", 0, 0)?.fate).toBe("resync");
    queue.connected(90);
    expect(numbers(queue)).toEqual([91]);
  });

  it("of a connection that was replaced lose nothing", () => {
    const queue = connected();
    queue.add(answer("q1", "a"), 0);
    queue.take(0);
    expect(queue.refuse(1, "superseded", "never", 0, 0)?.fate).toBe("kept");
    expect(queue.take(0)).toEqual([]);
    queue.connected(0);
    expect(numbers(queue)).toEqual([1]);
  });

  it("of the start leave the next step to the candidate", () => {
    const queue = connected();
    queue.add(start, 0);
    queue.take(0);
    expect(queue.refuse(1, "not_open_yet", "later", 0, 0)?.fate).toBe("refused");
    expect(queue.size).toBe(0);
  });

  it("of a start that was one already are no news", () => {
    const queue = connected();
    queue.add(start, 0);
    queue.take(0);
    expect(queue.refuse(1, "already_started", "reload", 0, 0)?.fate).toBe("dropped");
  });

  it("of something else are none of its business", () => {
    expect(connected().refuse(7, "paused", "later", 0, 0)).toBeNull();
  });
});

describe("handing in", () => {
  it.each([submit, enter])("waits until every answer is settled, and so does entering a section", (closing) => {
    const queue = connected();
    queue.add(answer("q1", "a"), 0);
    queue.add(closing, 0);
    expect(queue.take(0)).toMatchObject([{ t: "answer" }]);
    expect(queue.take(0)).toEqual([]);
    queue.ack(1);
    expect(queue.take(0)).toMatchObject([{ t: closing.t, n: 2 }]);
  });

  it("waits for a flag too, unless the flag alone is in trouble", () => {
    const queue = connected();
    queue.add({ t: "flag", question_id: "q1", flagged: true, client_at_ms: 0 }, 0);
    queue.add(submit, 0);
    expect(queue.take(0)).toMatchObject([{ t: "flag", n: 1 }]);
    queue.refuse(1, "internal", "later", 0, 0);
    expect(queue.take(100_000)).toMatchObject([{ t: "flag", n: 1 }]);
    queue.refuse(1, "internal", "later", 100_000, 0);
    expect(queue.take(100_000)).toMatchObject([{ t: "submit", n: 2 }]);
  });

  it.each([start, submit])("is not kept over a crash, nor is starting", (body) => {
    const queue = connected();
    queue.add(body, 0);
    queue.take(0);
    expect(reloaded(queue).size).toBe(0);
  });

  it("is forgotten at the end, so that a reopened attempt does not hand itself in", () => {
    const queue = connected();
    queue.add(submit, 0);
    queue.status("expired");
    queue.status("in_progress");
    expect(queue.take(0)).toEqual([]);
  });

  it("by REST is settled by its kind", () => {
    const queue = connected();
    queue.add(submit, 0);
    queue.take(0);
    expect(queue.ackKind("submit")).toHaveLength(1);
    expect(queue.size).toBe(0);
  });
});

describe("what is kept on the device", () => {
  it("is told once, and taken away when settled", () => {
    const queue = connected();
    queue.add(answer("q1", "a"), 0);
    expect(queue.changes()).toMatchObject({ put: [{ key: 1, n: null }], removed: [] });
    queue.take(0);
    expect(queue.changes()).toMatchObject({ put: [{ key: 1, n: 1 }], removed: [] });
    expect(queue.changes()).toEqual({ put: [], removed: [] });
    queue.ack(1);
    expect(queue.changes()).toEqual({ put: [], removed: [1] });
  });
});

describe("an answer that another device has overtaken", () => {
  const held = (n: number, value = "theirs"): SavedAnswer => ({ question_id: "q1", value, n, saved_at_ms: 1 });

  it("is handed back, also after a reload", () => {
    const queue = connected(4);
    queue.add(answer("q1", "mine"), 0);
    queue.add(answer("q2", "mine"), 0);
    const again = reloaded(queue);
    expect(again.outdated([held(5)])).toEqual([answer("q1", "mine")]);
    again.connected(5);
    expect(again.take(0)).toMatchObject([{ n: 6, question_id: "q2" }]);
    expect(again.changes().removed).toHaveLength(1);
  });

  it("is not one that was made with the answer in sight", () => {
    const queue = connected(5);
    queue.add(answer("q1", "mine"), 0);
    expect(queue.outdated([held(5)])).toEqual([]);
  });

  it("is not one whose predecessor is this page's own, acknowledged or not", () => {
    const queue = connected(4);
    queue.add(answer("q1", "a"), 0);
    expect(numbers(queue)).toEqual([5]);
    queue.add(answer("q1", "ab"), 0);
    expect(queue.outdated([held(5, "a")])).toEqual([]);
    queue.ack(5);
    expect(reloaded(queue).outdated([held(5, "a")])).toEqual([]);
  });

  it("is handed back with a number too: the other device may have used fewer", () => {
    const queue = connected(4);
    queue.add(answer("q2", "mine"), 0);
    queue.add(answer("q1", "mine"), 0);
    expect(numbers(queue)).toEqual([5, 6]);
    expect(reloaded(queue).outdated([held(5)])).toEqual([answer("q1", "mine")]);
  });

  it("is not one with a number whose predecessor was acknowledged here", () => {
    const queue = connected(4);
    queue.add(answer("q1", "a"), 0);
    queue.take(0);
    queue.add(answer("q1", "ab"), 0);
    expect(numbers(queue)).toEqual([6]);
    queue.ack(5);
    expect(reloaded(queue).outdated([held(5, "a")])).toEqual([]);
  });

  it("is found by its time where the database was restored, since numbers begin anew there", () => {
    const queue = connected(4);
    queue.add(answer("q1", "mine"), 0);
    const later = { ...held(2), saved_at_ms: 7 };
    expect(queue.outdated([later], { q1: { ...held(4), saved_at_ms: 7 } })).toEqual([]);
    expect(queue.outdated([later], { q1: { ...held(4), saved_at_ms: 6 } })).toEqual([answer("q1", "mine")]);
    queue.add(answer("q1", "mine"), 0);
    expect(queue.outdated([later], {})).toEqual([answer("q1", "mine")]);
  });

  it("is not one that the server holds: its ack was lost", () => {
    const queue = connected(4);
    queue.add(answer("q1", "theirs"), 0);
    expect(numbers(queue)).toEqual([5]);
    expect(queue.outdated([held(5)])).toEqual([]);
  });
});

describe("where the candidate is", () => {
  const sent = (queue: Queue, now = 0) =>
    queue.take(now).map((operation) => [operation.t, operation.n, positionOf(operation)]);

  it("goes with an answer that has not left yet", () => {
    const queue = connected();
    queue.add(answer("q3", "a"), 0, TYPED);
    queue.goTo(4, 0, 0);
    expect(sent(queue)).toEqual([["answer", 1, 4]]);
  });

  it("goes by itself where nothing waits", () => {
    const queue = connected();
    queue.add(answer("q3", "a"), 0);
    queue.take(0);
    queue.goTo(4, 0, 0);
    expect(sent(queue)).toEqual([["progress", 2, 4]]);
  });

  it("is said by one operation alone, whichever leaves last", () => {
    const queue = connected();
    queue.goTo(1, 0, 0);
    queue.add(answer("q1", "a"), 0, TYPED);
    queue.goTo(2, 0, 0);
    queue.add(answer("q2", "b"), 0, TYPED);
    queue.goTo(1, 0, 0);
    queue.add(answer("q1", "aa"), 0, TYPED);
    expect(sent(queue, 0)).toEqual([["answer", 1, 1]]);
    expect(sent(queue, 800)).toEqual([["answer", 2, null]]);
  });

  it("is not taken back by what goes out again under a new number", () => {
    const queue = connected();
    queue.add(answer("q3", "a"), 0);
    queue.goTo(4, 0, 0);
    queue.take(0);
    queue.refuse(1, "overloaded", "later", 0, 0);
    queue.goTo(5, 0, 0);
    queue.take(60_000);
    queue.connected(2);
    queue.refuse(1, "number_skipped", "reload", 60_000, 0);
    const last = sent(queue, 60_000).filter(([, , position]) => position !== null).at(-1);
    expect(last?.[2]).toBe(5);
  });

  it("outlives the answer that carried it", () => {
    const queue = connected();
    queue.add(answer("q3", "a"), 0);
    queue.goTo(4, 0, 0);
    queue.take(0);
    expect(queue.refuse(1, "answer_too_long", "never", 0, 0)?.fate).toBe("refused");
    expect(sent(queue)).toEqual([["progress", 2, 4]]);
  });

  it("outlives a reload", () => {
    const queue = connected();
    queue.add(answer("q3", "a"), 0);
    queue.goTo(4, 0, 0);
    const again = reloaded(queue);
    again.connected(0);
    again.add(answer("q3", "b"), 0);
    expect(sent(again)).toEqual([["answer", 1, 4]]);
  });

  it("is where she went last, whatever is refused and whenever it leaves", () => {
    let state = 7;
    const draw = (below: number) => (state = (state * 48_271) % 2_147_483_647) % below;
    for (let day = 0; day < 500; day += 1) {
      const queue = connected();
      let here = 0;
      let told = 0;
      let last_n = 0;
      let now = 0;
      const wire: Operation[] = [];
      const judge = (operation: Operation, refuse: boolean): void => {
        if (refuse) queue.refuse(operation.n, "overloaded", "later", now, 0);
        else if (operation.n <= last_n) queue.refuse(operation.n, "number_skipped", "reload", now, 0);
        else {
          last_n = operation.n;
          told = positionOf(operation) ?? told;
          queue.ack(operation.n);
        }
      };
      for (let step = 0; step < 60; step += 1) {
        now += draw(900);
        const what = draw(5);
        if (what === 0) queue.goTo((here = draw(4)), 0, now);
        if (what === 1) queue.add(answer(`q${here}`, `v${step}`), now, draw(2) === 0 ? undefined : TYPED);
        if (what === 2) wire.push(...queue.take(now));
        if (what === 3) for (const operation of wire.splice(0)) judge(operation, draw(3) === 0);
      }
      for (const operation of wire.splice(0)) judge(operation, false);
      for (let round = 0; round < 50 && queue.size > 0; round += 1) {
        now += 20_000;
        for (const operation of queue.take(now)) judge(operation, false);
      }
      expect([day, queue.size, told]).toEqual([day, 0, here]);
    }
  });
});

it("that another device has overtaken takes along what was typed before it, on a log that was lost", () => {
  const queue = connected(8);
  queue.add(answer("q1", "before the restoring"), 0);
  queue.take(0);
  queue.connected(0);
  queue.add(answer("q1", "after it"), 0);
  expect(queue.outdated([{ question_id: "q1", value: "theirs", n: 1, saved_at_ms: 0 }])).toMatchObject([
    { value: "before the restoring" },
    { value: "after it" },
  ]);
  expect(queue.size).toBe(0);
});

describe("an operation that is refused as internal", () => {
  /** The next operation that may go is refused so often in a row; what the last refusal says of it. */
  function fail(queue: Queue, times: number): string | undefined {
    let fate: string | undefined;
    for (let i = 0; i < times; i += 1) {
      const [operation] = queue.take((time += 100_000));
      fate = queue.refuse(operation?.n ?? 0, "internal", "later", time, 0)?.fate;
    }
    return fate;
  }
  let time = 0;

  it("holds everything once, as anything that is refused for now", () => {
    const queue = connected();
    queue.add(answer("q1", "a"), 0);
    expect(fail(queue, 1)).toBe("kept");
    queue.add(answer("q2", "a"), 0);
    expect(queue.take(time)).toEqual([]);
  });

  it("from the second time on holds back only what is about the same, and goes again by itself", () => {
    const queue = connected();
    queue.add(answer("q1", "a"), 0);
    expect(fail(queue, 2)).toBe("kept");
    queue.add(answer("q1", "newer"), 0);
    queue.add(answer("q2", "b"), 0);
    queue.add({ t: "flag", question_id: "q1", flagged: true, client_at_ms: 0 }, 0);
    expect(queue.take(time)).toMatchObject([{ n: 2, question_id: "q2" }, { n: 3, t: "flag" }]);
    queue.ack(3);
    expect(queue.wakeAt()).toBe(time + 250);
    expect(queue.take(time + 250)).toMatchObject([{ n: 4, value: "newer" }]);
    expect(queue.wakeAt()).toBeNull();
    queue.ack(4);
    expect(queue.size).toBe(0);
  });

  it("leaves before nothing that is about the same and came after it", () => {
    const queue = connected();
    queue.add(answer("q1", "a"), 0);
    fail(queue, 2);
    time += 100_000;
    expect(queue.take(time)).toMatchObject([{ value: "a" }]);
    queue.add(answer("q1", "newer"), time);
    expect(queue.take(time)).toEqual([]);
    queue.ack(2);
    expect(queue.take(time)).toMatchObject([{ value: "newer" }]);
  });

  it("is told after the eighth time, and holds up the hand-in no longer", () => {
    const queue = connected();
    queue.add(answer("q1", "a"), 0);
    expect(fail(queue, 7)).toBe("kept");
    queue.add(submit, 0);
    expect(queue.take(time)).toEqual([]);
    expect(fail(queue, 1)).toBe("refused");
    expect(queue.take(time)).toMatchObject([{ t: "submit" }]);
  });

  it("is counted anew once the same was accepted, and tried at once on a new connection", () => {
    const queue = connected();
    queue.add(answer("q1", "a"), 0);
    fail(queue, 2);
    queue.connected(0);
    const [again] = queue.take(time);
    expect([...queue.suspects()]).toEqual([again?.n]);
    queue.ack(again?.n ?? 0);
    queue.add(answer("q1", "b"), time);
    fail(queue, 1);
    queue.add(answer("q2", "b"), time);
    expect(queue.take(time)).toEqual([]);
  });
});
