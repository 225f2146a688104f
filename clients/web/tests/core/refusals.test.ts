import { describe, expect, it } from "vitest";
import { answer, connected, numbers, receipt, reloaded, start, TYPED } from "./queues";

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
