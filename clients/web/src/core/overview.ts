/** A room in one line, and what an act on it changes. */

import type { Row } from "../generated/messages";
import { concernsStaff, URGENT } from "./concerns";
import { isCollecting, type Moment } from "./row";

export interface Overview {
  /** When the last clock that runs will end; null: none runs. */
  ends_at_ms: number | null;
  /** How many clocks stand: their end is not known. */
  standing: number;
  /** The mean share of questions that those who sit have answered; null: nobody sits. */
  progress: number | null;
  /** How many somebody should see to. */
  urgent: number;
}

export function overviewOf(rows: readonly Row[], moment: Moment): Overview {
  let ends_at_ms: number | null = null;
  let standing = 0;
  let sitting = 0;
  let progress = 0;
  let urgent = 0;
  for (const row of rows) {
    if ([...URGENT].some((concern) => concernsStaff(concern, row, moment))) urgent += 1;
    if (row.status !== "in_progress" && row.status !== "paused") continue;
    sitting += 1;
    progress += row.total === 0 ? 0 : row.answered / row.total;
    if (row.left_ms !== null) standing += 1;
    else if (row.deadline_ms !== null) ends_at_ms = Math.max(ends_at_ms ?? 0, row.deadline_ms);
  }
  return { ends_at_ms, standing, progress: sitting === 0 ? null : progress / sitting, urgent };
}

/** When the clocks of these rows will end with so much more time. */
export interface NewEnds {
  first_ms: number;
  last_ms: number;
  /** Clocks that stand, and so have no end yet. */
  standing: number;
}

/** Null: no clock that runs has more time by it. */
export function newEnds(rows: readonly Row[], add_ms: number, now: number): NewEnds | null {
  const more = rows.filter((row) => (row.status === "in_progress" || row.status === "paused") && !isCollecting(row, now));
  const ends = more.flatMap(({ deadline_ms }) => (deadline_ms === null ? [] : [deadline_ms + add_ms]));
  if (ends.length === 0 || !Number.isFinite(add_ms)) return null;
  // Ten thousand arguments are too many for one call in some browsers.
  const last_ms = ends.reduce((one, other) => Math.max(one, other));
  const first_ms = ends.reduce((one, other) => Math.min(one, other));
  return { first_ms, last_ms, standing: more.filter(({ left_ms }) => left_ms !== null).length };
}
