/** The questions that the server has as flagged: the page shows a flag before the server has it. */

import { subject, type OperationBody } from "../core/operation";
import type { Operation } from "../generated/messages";

export class Flags {
  private held = new Set<string>();

  welcomed(flagged: readonly string[]): void {
    this.held = new Set(flagged);
  }

  /** Operations that the server has acknowledged. */
  settled(operations: readonly Operation[]): void {
    for (const operation of operations) {
      if (operation.t !== "flag") continue;
      if (operation.flagged) this.held.add(operation.question_id);
      else this.held.delete(operation.question_id);
    }
  }

  /** A flag was refused: what the page shows instead; null: something later about it is on its way. */
  refused(flag: OperationBody & { t: "flag" }, waiting: readonly OperationBody[]): { question_id: string; flagged: boolean } | null {
    if (waiting.some((later) => subject(later) === subject(flag))) return null;
    return { question_id: flag.question_id, flagged: this.held.has(flag.question_id) };
  }
}
