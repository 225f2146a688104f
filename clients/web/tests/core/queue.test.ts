import { describe, expect, it } from "vitest";
import { answer, connected, enter, numbers, reloaded, start, submit, TYPED } from "./queues";

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

describe("what waits for no clock and is refused because it stands", () => {
  const seen = { t: "observe", signal: "focus_lost", count: 1, size: 0, client_at_ms: 0 } as const;

  it("is forgotten before the start: sent again at once, it would go round for ever, and before a start", () => {
    const queue = connected();
    queue.status("initiated");
    queue.add(seen, 0);
    expect(numbers(queue)).toEqual([1]);
    expect(queue.refuse(1, "not_started", "reload", 0, 0)?.fate).toBe("refused");
    queue.add(start, 0);
    expect(numbers(queue)).toEqual([2]);
  });

  it("goes again after a back-off while it is paused", () => {
    const queue = connected();
    queue.status("paused");
    queue.add(seen, 0);
    expect(numbers(queue)).toEqual([1]);
    expect(queue.refuse(1, "paused", "later", 0, 1)?.fate).toBe("kept");
    expect(numbers(queue)).toEqual([]);
    expect(queue.take(queue.wakeAt()!)).toMatchObject([{ n: 1 }]);
  });
});
