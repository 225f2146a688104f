/**
 * Where the candidate is, as the operations that wait say it. It goes with an answer that has not left yet, else by an
 * operation of its own. Of all that has no number only one says it, so whichever leaves last can't put her back.
 */

import type { Entries, Entry } from "./entries";
import { positionOf, type OperationBody } from "./operation";

export class Whereabouts {
  /** Where she went last, as far as this page knows. */
  private here: number | null = null;

  constructor(private readonly entries: Entries) {}

  /** The entries were restored. */
  restored(): void {
    const moves = this.entries.all.filter(({ body }) => positionOf(body) !== null);
    const last = moves.find(({ n }) => n === null) ?? [...moves].sort((a, b) => a.n! - b.n!).at(-1);
    this.here = last === undefined ? null : positionOf(last.body);
  }

  /** She has gone to another question. Gives the operation that says so, where no waiting answer does. */
  goTo(position: number, client_at_ms: number): OperationBody | null {
    this.here = position;
    const waiting = this.entries.all.filter(({ n }) => n === null);
    const answer = waiting.filter(({ body }) => body.t === "answer").at(-1);
    for (const entry of waiting) {
      if (entry.body.t === "answer" && entry !== answer) this.place(entry, null);
      if (entry.body.t === "progress" && answer !== undefined) this.entries.remove(entry);
    }
    if (answer === undefined) return { t: "progress", question_index: position, client_at_ms };
    this.place(answer, position);
    return null;
  }

  /** Whether she has gone on since this operation said where she is, and it says nothing else. */
  hasLeft({ body }: Entry): boolean {
    return body.t === "progress" && body.question_index !== this.here;
  }

  /** This answer goes out later than was thought: it says no more where she is, if she has gone on. */
  putOff(entry: Entry): void {
    if (entry.body.t === "answer" && entry.body.position !== this.here) this.place(entry, null);
  }

  /** This operation will not be accepted. Gives the one that says where she is in its place, if nothing else does. */
  without({ body }: Entry): OperationBody | null {
    if (body.t !== "answer" || body.position === null || body.position !== this.here) return null;
    if (this.entries.all.some((other) => positionOf(other.body) === this.here)) return null;
    return { t: "progress", question_index: body.position, client_at_ms: body.client_at_ms };
  }

  private place(entry: Entry, position: number | null): void {
    if (entry.body.t !== "answer" || entry.body.position === position) return;
    entry.body = { ...entry.body, position };
    this.entries.changed(entry);
  }
}
