/** The cells of a row in words. */

import { hasHeard, isCollecting, lastContact, leftOf, quietMs, type Moment } from "../core/row";
import { formatLeft, formatMoment, formatOver, formatPoints } from "../core/format";
import { newEnds } from "../core/overview";
import type { Row } from "../generated/messages";
import { ACTED, ROW_CONNECTION, S, STATUS } from "./strings";

export function statusText(row: Row, now: number): string {
  if ((row.over_since_ms ?? null) !== null) return S.over;
  if (endsOnReturn(row)) return S.away;
  if (isCollecting(row, now)) return row.ended_by_staff ? S.collectingByStaff : S.collecting;
  if (row.status === "expired") return row.ended_by_staff ? S.endedByStaff : S.timeUp;
  if (row.status === "completed" && row.ended_by_staff) return S.markedByStaff;
  return STATUS[row.status] ?? row.status;
}

/** The pause ends by itself when the candidate is back: nobody has to resume it. */
export function endsOnReturn({ pause }: Row): boolean {
  return pause === "connection" || pause === "return";
}

export function leftText(row: Row, now: number): string {
  if ((row.over_since_ms ?? null) !== null) return formatOver(now - row.over_since_ms!);
  const left = leftOf(row, now);
  if (left !== null) return formatLeft(left);
  return row.status === "in_progress" ? S.noLimit : S.none;
}

/** `live`: this page is connected; otherwise nobody's connection is known. */
export function connectionText(row: Row, moment: Moment, live: boolean): string {
  const quiet_ms = live ? quietMs(row, moment) : null;
  if (quiet_ms !== null) return S.quiet(quiet_ms);
  const connection = live ? row.connection : "unknown";
  return ROW_CONNECTION[connection] ?? connection;
}

export function seenText(row: Row, moment: Moment, live: boolean): string {
  const last = lastContact(row);
  if (last === null) return S.none;
  const ago = Math.max(0, moment.now - last.at_ms);
  if (last.at_most) return S.atMost(ago);
  return live && row.connection === "online" && quietMs(row, moment) === null ? S.now : S.ago(ago);
}

/** So long it is said that an act has reached her page. */
const HEARD_LATELY_MS = 60_000;

/** How far the newest act of staff has come; null: nothing worth a word. */
export function actText(row: Row, now: number): string | null {
  const heard = hasHeard(row);
  if (heard === null || row.act == null) return null;
  const what = row.act.kind === "extended" ? S.plus(row.act.ms ?? 0) : (ACTED[row.act.kind] ?? row.act.kind);
  if (!heard) return S.notHeard(what);
  return now - row.act.at_ms < HEARD_LATELY_MS ? S.heard(what) : null;
}

export function scoreText(row: Row): string {
  if (row.awaiting_marks > 0) return S.toMark(row.awaiting_marks);
  if (row.score_mpt === null || row.max_mpt === null) return S.none;
  return S.score(formatPoints(row.score_mpt), formatPoints(row.max_mpt));
}

/** When these will end with so much more time; null: nothing can be said. */
export function endsText(rows: readonly Row[], add_ms: number, now: number): string | null {
  const ends = newEnds(rows, add_ms, now);
  if (ends === null) return null;
  const [first, last] = [formatMoment(ends.first_ms, now), formatMoment(ends.last_ms, now)];
  const said = first === last ? S.dialog.newEnd(first) : S.dialog.newEnds(first, last);
  return ends.standing === 0 ? said : said + S.dialog.newStanding(ends.standing);
}
