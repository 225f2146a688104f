import { describe, expect, it } from "vitest";
import { positionOf } from "../../src/core/operation";
import type { Queue } from "../../src/core/queue";
import type { Operation } from "../../src/generated/messages";
import { answer, connected, reloaded, TYPED } from "./queues";

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
