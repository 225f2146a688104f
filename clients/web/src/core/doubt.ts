/**
 * When a live connection is to be doubted. A socket may be dead for half a minute before its heartbeats show it. But while
 * something that was sent waits for its acknowledgement, silence means more: the connection is asked at once whether it
 * lives, and in the last minutes a second way is opened beside it.
 *
 * Any message is a sign of life. A server that is slow to save, but speaks, is not run into by a whole room at once.
 */

import { doubtMs, isUrgent } from "./urgency";

/** While there is time, a connection that is asked and does not answer is given up, and another one opened. */
const CALM_MS = 4_000;
const AGAIN_MS = 1_000;

export type Suspicion = "ask" | "second_way" | null;

export class Doubt {
  /** The silence in which the connection was asked already. */
  private asked_in: number | null = null;
  /** In that silence, no second way is called for before this time. */
  private second_from = 0;

  /** When `due` may have something to say; null: nothing waits. `quiet_since`: since when it does, and nothing was heard. */
  next(quiet_since: number | null, closing_at: number | null): number | null {
    if (quiet_since === null) return null;
    const { ask_at, second_at } = times(quiet_since, closing_at);
    if (this.asked_in !== quiet_since) return ask_at;
    return second_at === null ? null : Math.max(second_at, this.second_from);
  }

  due(quiet_since: number | null, closing_at: number | null, now: number): Suspicion {
    const next = this.next(quiet_since, closing_at);
    if (next === null || now < next) return null;
    if (this.asked_in !== quiet_since) {
      this.asked_in = quiet_since;
      this.second_from = 0;
      return "ask";
    }
    // One that has failed may be followed by another.
    this.second_from = now + AGAIN_MS;
    return "second_way";
  }
}

function times(quiet_since: number, closing_at: number | null): { ask_at: number; second_at: number | null } {
  if (!isUrgent(closing_at, quiet_since)) return { ask_at: quiet_since + CALM_MS, second_at: null };
  const patience_ms = doubtMs(closing_at, quiet_since);
  return { ask_at: quiet_since + patience_ms / 2, second_at: quiet_since + patience_ms };
}
