/** What staff look for at a glance, whatever the status: counts that are filters. */

import type { Row } from "../generated/messages";
import { hasHeard, hasUnseenAlert, isAway, isCollecting, isOpen, isWaiting, leftOf, quietMs, type Moment } from "./row";

/** Without an answer, a visit or anything else of hers for so long she is idle; an essay is saved while it is typed. */
export const IDLE_MS = 5 * 60_000;
/** So little time is left that staff look. */
export const SOON_MS = 5 * 60_000;

/** In the order in which they are offered. */
export const CONCERNS = {
  hands: ({ hand }) => hand === "raised",
  alerted: isAlerted,
  waiting: isWaiting,
  late: ({ late }) => late != null,
  away: isAway,
  quiet: (row, moment) => row.status === "in_progress" && quietMs(row, moment) !== null,
  forgotten: ({ forgotten_since_ms }) => (forgotten_since_ms ?? null) !== null,
  lost: ({ lost_records }) => lost_records > 0,
  soon: isSoon,
  idle: isIdle,
  unheard: (row) => hasHeard(row) === false,
  unread: (row) => isOpen(row) && (row.message === "queued" || row.message === "delivered"),
  warned: ({ warnings }) => warnings != null,
  noticed: ({ signals }) => signals != null,
  granted: ({ accommodation }) => accommodation != null,
} satisfies Record<string, (row: Row, moment: Moment) => boolean>;
export type Concern = keyof typeof CONCERNS;

/** Those that somebody should see to. */
export const URGENT: ReadonlySet<Concern> = new Set(["hands", "alerted", "waiting", "away", "forgotten", "lost"]);

export function countConcerns(rows: readonly Row[], moment: Moment): Record<Concern, number> {
  const concerns = Object.keys(CONCERNS) as Concern[];
  const counts = Object.fromEntries(concerns.map((concern) => [concern, 0])) as Record<Concern, number>;
  for (const row of rows) for (const concern of concerns) if (concernsStaff(concern, row, moment)) counts[concern] += 1;
  return counts;
}

export function concernsStaff(concern: Concern, row: Row, moment: Moment): boolean {
  return (CONCERNS[concern] as (row: Row, moment: Moment) => boolean)(row, moment);
}

/** Her clock stands for what was noticed, or nobody has seen yet what staff were alerted of while she sits. */
function isAlerted(row: Row, moment: Moment): boolean {
  if (row.status === "paused" && row.pause === "integrity") return true;
  return row.status === "in_progress" && hasUnseenAlert(row, moment);
}

function isSoon(row: Row, { now }: Moment): boolean {
  const left_ms = leftOf(row, now);
  return row.status === "in_progress" && left_ms !== null && left_ms <= SOON_MS && !isCollecting(row, now);
}

/** She is there, her clock runs, and she does nothing. Servers of the version before do not say. */
function isIdle(row: Row, moment: Moment): boolean {
  if (row.status !== "in_progress" || row.connection !== "online" || row.worked_ms == null) return false;
  return moment.now - row.worked_ms > IDLE_MS && quietMs(row, moment) === null && !isCollecting(row, moment.now);
}
