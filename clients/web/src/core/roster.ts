/** Where everybody is, each counted once: the strip over the room, whose counts are filters. */

import type { Row } from "../generated/messages";
import type { View } from "./monitor";
import { isAway, isWaiting } from "./row";

/** In the order in which they are shown. */
export const ROSTER = ["expected", "waiting", "working", "disconnected", "paused", "submitted", "absent", "void"] as const;
export type Whereabout = (typeof ROSTER)[number];

export function whereaboutOf(row: Row): Whereabout {
  switch (row.status) {
    case "initiated":
      return isWaiting(row) ? "waiting" : "expected";
    case "in_progress":
      return isAway(row) ? "disconnected" : "working";
    case "paused":
      return row.pause === "connection" || row.pause === "return" ? "disconnected" : "paused";
    case "absent":
      return "absent";
    case "cancelled":
    case "abandoned":
      return "void";
    default:
      return "submitted";
  }
}

/** Those too of whom there is no row: enrolled, and not come. They are absent where the test's window is over. */
export function withExpected(counts: Record<Whereabout, number>, total: number, closed: boolean): Record<Whereabout, number> {
  const where = closed ? "absent" : "expected";
  return { ...counts, [where]: counts[where] + total };
}

export function countRoster(rows: readonly Row[]): Record<Whereabout, number> {
  const counts = Object.fromEntries(ROSTER.map((one) => [one, 0])) as Record<Whereabout, number>;
  for (const row of rows) counts[whereaboutOf(row)] += 1;
  return counts;
}

/** Whether a list that is looked at so has those too of whom there is no row: no filter looks for what only a row says. */
export function listsExpected({ statuses, concern, where, place }: View, closed: boolean): boolean {
  if (statuses.size > 0 || concern !== null || place.section !== null) return false;
  return where === null || where === (closed ? "absent" : "expected");
}
