/** What one row says, with the time and the interval of beats. */

import type { Row } from "../generated/messages";

/** `now`: the server's time; `seen`: until when staff have seen what they were alerted of, by attempt. */
export interface Moment {
  now: number;
  heartbeat_ms: number;
  seen?: ReadonlyMap<string, number>;
}

/** When staff were alerted of her last; null: never. */
export function alertedAt({ signals }: Row): number | null {
  const times = (signals ?? []).flatMap(({ alerted_at_ms }) => (alerted_at_ms === null ? [] : [alerted_at_ms]));
  return times.length === 0 ? null : Math.max(...times);
}

/** Whether staff were alerted of her, and nobody of them has said since that she saw it. */
export function hasUnseenAlert(row: Row, { seen }: Moment): boolean {
  const alerted_at_ms = alertedAt(row);
  return alerted_at_ms !== null && alerted_at_ms > (seen?.get(row.attempt_id) ?? -Infinity);
}

export function displayName(row: Row): string {
  return row.name === "" ? row.user_id : row.name;
}

/** Intervals without a beat after which a connection that nobody has closed is said to be quiet. */
const QUIET_BEATS = 1.5;

/** When she was last heard of. `at_most`: no node remembers, and it is the log's last sign of her: it may be less long ago. */
export interface LastContact {
  at_ms: number;
  at_most: boolean;
}

export function lastContact({ last_seen_ms, heard_ms }: Row): LastContact | null {
  const logged = heard_ms ?? null;
  if (last_seen_ms !== null && (logged === null || last_seen_ms >= logged)) return { at_ms: last_seen_ms, at_most: false };
  return logged === null ? null : { at_ms: logged, at_most: true };
}

/** For how long nothing has come over a connection that still counts as alive; null: it is not one, or beats come. */
export function quietMs(row: Row, { now, heartbeat_ms }: Moment): number | null {
  const last = row.connection === "online" ? lastContact(row) : null;
  if (last === null || now - last.at_ms <= QUIET_BEATS * heartbeat_ms) return null;
  return now - last.at_ms;
}

/** A beat that was on its way when staff acted may be from before their act reached her page. */
const ON_THE_WAY_MS = 2_000;

/** Whether her page has heard of what staff did last: it has where she was heard of after it. Null: there is nothing to hear. */
export function hasHeard(row: Row): boolean | null {
  if (row.act == null || !isOpen(row)) return null;
  return (lastContact(row)?.at_ms ?? 0) >= row.act.at_ms + ON_THE_WAY_MS;
}

export function isOpen({ status }: Row): boolean {
  return status === "initiated" || status === "in_progress" || status === "paused";
}

/** She sits an exam, and the server does not see her. */
export function isAway(row: Row): boolean {
  return row.status === "in_progress" && row.connection !== "online";
}

/** She is there, and can't start before staff let her in. */
export function isWaiting(row: Row): boolean {
  return row.admission === "waiting" && row.connection === "online";
}

/** Time is up, or staff have ended it: the last answers are still being taken. */
export function isCollecting(row: Row, server_now: number): boolean {
  return row.status === "in_progress" && row.deadline_ms !== null && server_now >= row.deadline_ms && (row.over_since_ms ?? null) === null;
}

/** Time left on a row's clock; null: no clock runs or stands. */
export function leftOf(row: Row, server_now: number): number | null {
  if (row.left_ms !== null) return row.left_ms;
  return row.deadline_ms === null ? null : Math.max(0, row.deadline_ms - server_now);
}
