/** Messages from staff: each is shown once, and its way is confirmed: on the page, and read. */

import type { CandidateEvent } from "../core/candidate";
import type { OperationBody } from "../core/operation";
import type { StaffMessage } from "../generated/messages";

export class Mailbox {
  private readonly received = new Set<string>();
  private readonly read = new Set<string>();

  constructor(
    private readonly wall: () => number,
    private readonly apply: (event: CandidateEvent) => void,
    private readonly operate: (body: OperationBody) => void,
  ) {}

  /** What an earlier page left. */
  restore(bodies: readonly OperationBody[]): void {
    for (const body of bodies) if (body.t === "receipt" && body.seen) this.read.add(body.message_id);
  }

  receive(message: StaffMessage): void {
    const { message_id } = message;
    // It was read here already, though the server may not have heard of it yet.
    if (this.read.has(message_id)) return;
    this.apply({ type: "message", message });
    if (this.received.has(message_id)) return;
    this.received.add(message_id);
    this.operate({ t: "receipt", message_id, seen: false, client_at_ms: this.wall() });
  }

  dismiss(message_id: string): void {
    this.read.add(message_id);
    this.apply({ type: "message_dismissed", message_id });
    this.operate({ t: "receipt", message_id, seen: true, client_at_ms: this.wall() });
  }
}
