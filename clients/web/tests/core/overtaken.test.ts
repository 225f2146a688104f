import { describe, expect, it } from "vitest";
import type { SavedAnswer } from "../../src/generated/messages";
import { answer, connected, numbers, reloaded } from "./queues";

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
    expect(again.entries.changes().removed).toHaveLength(1);
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

  it("takes along what was typed before it, on a log that was lost", () => {
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
});
