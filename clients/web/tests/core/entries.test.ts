import { describe, expect, it } from "vitest";
import { answer, connected } from "./queues";

describe("what is kept on the device", () => {
  it("is told once, and taken away when settled", () => {
    const queue = connected();
    queue.add(answer("q1", "a"), 0);
    expect(queue.entries.changes()).toMatchObject({ put: [{ key: 1, n: null }], removed: [] });
    queue.take(0);
    expect(queue.entries.changes()).toMatchObject({ put: [{ key: 1, n: 1 }], removed: [] });
    expect(queue.entries.changes()).toEqual({ put: [], removed: [] });
    queue.ack(1);
    expect(queue.entries.changes()).toEqual({ put: [], removed: [1] });
  });
});
