/** The cells of a row in words. */

import { isCollecting, leftOf } from "../core/monitor";
import { formatLeft, formatOver, formatPoints } from "../core/format";
import type { Row } from "../generated/messages";
import { S, STATUS } from "./strings";

/** Below this a candidate who beats every ten seconds has simply not beaten yet. */
const FRESH_MS = 15_000;

export function statusText(row: Row, now: number): string {
  if ((row.over_since_ms ?? null) !== null) return S.over;
  if (endsOnReturn(row)) return S.away;
  return isCollecting(row, now) ? S.collecting : (STATUS[row.status] ?? row.status);
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

export function seenText(row: Row, now: number, live: boolean): string {
  if (row.last_seen_ms === null) return S.none;
  const ago = Math.max(0, now - row.last_seen_ms);
  return live && ago < FRESH_MS && row.connection === "online" ? S.now : S.ago(ago);
}

export function scoreText(row: Row): string {
  if (row.awaiting_marks > 0) return S.toMark(row.awaiting_marks);
  if (row.score_mpt === null || row.max_mpt === null) return S.none;
  return S.score(formatPoints(row.score_mpt), formatPoints(row.max_mpt));
}
