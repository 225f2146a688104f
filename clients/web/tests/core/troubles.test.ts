import { describe, expect, it } from "vitest";
import type { Queue } from "../../src/core/queue";
import { answer, connected, submit } from "./queues";

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
