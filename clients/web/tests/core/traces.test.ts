import { expect, it } from "vitest";
import traces from "../../../../protocol/vectors/traces.json" with { type: "json" };
import type { OperationBody } from "../../src/core/operation";
import { Queue } from "../../src/core/queue";
import type { Retry } from "../../src/generated/codes";
import type { Operation } from "../../src/generated/messages";

/** What comes to a queue. Its times are no part of the rules: what waits for one is due when "time" comes. */
type Came =
  | { welcome: number }
  | { asked: OperationBody }
  | { ack: number }
  | { refused: number; code: string; retry: string }
  | { status: string }
  | { time: true };

class Replay {
  private readonly queue = new Queue();
  private now = 0;
  /** By its number: the place of each operation in the order of asking. */
  private readonly places = new Map<number, number>();

  step(came: Came): { sent: Operation[]; saved: number[]; kept: number[] } {
    const saved = this.take(came).map(({ n }) => this.places.get(n)!);
    const sent = this.queue.take(this.now);
    const kept = this.queue.entries.unsettled();
    for (const { key, n } of kept) if (n !== null) this.places.set(n, key - 1);
    return { sent, saved, kept: kept.map(({ key }) => key - 1).sort((a, b) => a - b) };
  }

  private take(came: Came): Operation[] {
    const { queue, now } = this;
    if ("welcome" in came) queue.connected(came.welcome);
    else if ("asked" in came) this.ask(came.asked);
    else if ("ack" in came) return queue.ack(came.ack);
    else if ("refused" in came) queue.refuse(came.refused, came.code, came.retry as Retry, now, 0.5);
    else if ("status" in came) queue.status(came.status);
    else this.now += 100_000;
    return [];
  }

  private ask(body: OperationBody): void {
    if (body.t === "progress") this.queue.goTo(body.question_index, body.client_at_ms, this.now);
    else if (body.t === "answer" && body.position !== null) {
      this.queue.add({ ...body, position: null }, this.now);
      this.queue.goTo(body.position, body.client_at_ms, this.now);
    } else this.queue.add(body, this.now);
  }
}

it.each(traces.map(({ steps }, index) => ({ steps, index })))("does what trace $index says", ({ steps }) => {
  const replay = new Replay();
  steps.forEach(({ came, sent, saved, kept }, number) => {
    expect({ number, ...replay.step(came as Came) }).toEqual({ number, sent, saved, kept });
  });
});
