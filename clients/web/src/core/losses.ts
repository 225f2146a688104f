/**
 * Many who lose the connection at once: a switch, a room's access point. What each of them lost is known when she is back: from the last
 * sign of her until then, if her clock ran. What the server itself lost is told elsewhere (`incidents`).
 */

import type { Row } from "../generated/messages";
import type { LostTime } from "../generated/rest";
import { displayName, lastContact } from "./row";

/** Whoever is lost within so long of the others is lost with them. */
export const TOGETHER_MS = 20_000;
/** So many at least, and this share of those who sit: a few who drop out are no group. */
const LEAST = 5;
const LEAST_SHARE = 0.02;
/** Older losses are not shown any more: staff have decided. */
const FORGET_MS = 30 * 60_000;

interface Loss {
  from_ms: number;
  /** Null: she is not back. */
  until_ms: number | null;
  /** What she has been given since, and when last: her row tells the newest act alone, which may be another by now. */
  given_ms: number;
  given_at_ms: number;
}

export interface GroupLoss {
  /** The first and the last sign that was the last of somebody. */
  from_ms: number;
  last_ms: number;
  attempt_ids: readonly string[];
  /** How many are not back. */
  away: number;
  /** What those lost who are back, and whether they have had time since. */
  lost: readonly LostTime[];
}

export class Losses {
  private readonly known = new Map<string, Loss>();
  private sitting = 0;

  /** All rows, as they are now. */
  look(rows: readonly Row[], now: number): void {
    this.sitting = 0;
    for (const row of rows) {
      noteGiven(row, this.known.get(row.attempt_id));
      if (row.status !== "in_progress") {
        // Her clock stands, or has ended: nothing is lost any more.
        if (this.known.get(row.attempt_id)?.until_ms === null) this.known.delete(row.attempt_id);
        continue;
      }
      this.sitting += 1;
      const loss = this.known.get(row.attempt_id);
      if (row.connection === "offline") {
        if (loss === undefined || loss.until_ms !== null) this.known.set(row.attempt_id, { from_ms: lastContact(row)?.at_ms ?? now, until_ms: null, given_ms: 0, given_at_ms: 0 });
      } else if (row.connection === "online" && loss?.until_ms === null) loss.until_ms = now;
    }
    for (const [attempt_id, { from_ms }] of this.known) if (now - from_ms > FORGET_MS) this.known.delete(attempt_id);
  }

  /** The groups, the oldest first. `row`: the newest row of an attempt. */
  groups(row: (attempt_id: string) => Row | undefined): GroupLoss[] {
    const least = Math.max(LEAST, Math.ceil(this.sitting * LEAST_SHARE));
    const losses = [...this.known].sort(([, one], [, other]) => one.from_ms - other.from_ms);
    const groups: GroupLoss[] = [];
    for (let first = 0; first < losses.length; ) {
      const from_ms = losses[first]![1].from_ms;
      const after = losses.findIndex(([, loss]) => loss.from_ms > from_ms + TOGETHER_MS);
      const group = losses.slice(first, after < 0 ? undefined : after);
      if (group.length >= least) groups.push(groupOf(group, row));
      first += group.length;
    }
    return groups;
  }
}

function noteGiven({ act }: Row, loss: Loss | undefined): void {
  if (loss === undefined || act?.kind !== "extended" || act.at_ms < loss.from_ms || act.at_ms <= loss.given_at_ms) return;
  loss.given_ms += act.ms ?? 0;
  loss.given_at_ms = act.at_ms;
}

function groupOf(group: readonly (readonly [string, Loss])[], row: (attempt_id: string) => Row | undefined): GroupLoss {
  const lost = group.flatMap(([attempt_id, { from_ms, until_ms, given_ms }]): LostTime[] => {
    const one = row(attempt_id);
    if (one === undefined || until_ms === null) return [];
    const { user_id, status, connection } = one;
    return [{ attempt_id, user_id, name: displayName(one), status, connected: connection === "online", from_ms, until_ms, lost_ms: Math.max(0, until_ms - from_ms), given_ms }];
  });
  return {
    from_ms: group[0]![1].from_ms,
    last_ms: group.at(-1)![1].from_ms,
    attempt_ids: group.map(([attempt_id]) => attempt_id),
    away: group.filter(([, { until_ms }]) => until_ms === null).length,
    lost,
  };
}
