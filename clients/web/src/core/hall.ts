/** What a whole room may see on a wall: when its clocks end, how many still sit, and what was announced. Of single people it says nothing. */

import type { Row } from "../generated/messages";
import type { BulkReply } from "../generated/rest";
import { isCollecting } from "./row";

export interface Hall {
  /** When the clocks of most will end, and the last of all; null: no clock runs. */
  usual_ms: number | null;
  last_ms: number | null;
  /** Clocks that stand: their end is not known. */
  standing: number;
  sitting: number;
  /** Everybody who is expected, or was there; void attempts are none. */
  everybody: number;
}

/** Ends within the same minute are one. */
const TOGETHER_MS = 60_000;

export function hallOf(rows: readonly Row[], now: number): Hall {
  const ends = new Map<number, { count: number; last_ms: number }>();
  let [standing, sitting, everybody] = [0, 0, 0];
  for (const row of rows) {
    if (row.status === "cancelled" || row.status === "absent") continue;
    everybody += 1;
    if (row.status !== "in_progress" && row.status !== "paused") continue;
    if (isCollecting(row, now)) continue;
    sitting += 1;
    if (row.left_ms !== null) standing += 1;
    else if (row.deadline_ms !== null) {
      const minute = Math.floor(row.deadline_ms / TOGETHER_MS);
      const known = ends.get(minute);
      ends.set(minute, { count: (known?.count ?? 0) + 1, last_ms: Math.max(known?.last_ms ?? 0, row.deadline_ms) });
    }
  }
  let usual: { count: number; last_ms: number } | null = null;
  let last_ms: number | null = null;
  for (const one of ends.values()) {
    if (usual === null || one.count > usual.count || (one.count === usual.count && one.last_ms > usual.last_ms)) usual = one;
    last_ms = Math.max(last_ms ?? 0, one.last_ms);
  }
  return { usual_ms: usual?.last_ms ?? null, last_ms, standing, sitting, everybody };
}

export interface Announcement {
  at_ms: number;
  text: string;
}

const SHOWN = 3;

/**
 * The newest messages to the whole room, the newest first. What was written to less than half of everybody may be about those alone, and is not
 * for all to read.
 */
export function announcementsOf(acts: readonly BulkReply[], everybody: number): Announcement[] {
  return acts
    .filter(({ command, total }) => command === "message" && total > 0 && total * 2 >= everybody)
    .sort((one, other) => other.created_at_ms - one.created_at_ms)
    .slice(0, SHOWN)
    .map(({ created_at_ms, reason }) => ({ at_ms: created_at_ms, text: reason }));
}
