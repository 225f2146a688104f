/**
 * How patient a page may be when the end is near. `closing_at` is the local time at which the server stops accepting; null:
 * none is known. Every wait is a share of what is left, so that several tries fit in before the closing wherever they begin,
 * and the number of tries grows only with the logarithm of the time that is left. Each wait has a floor, so that a room that
 * loses its server in the last seconds does not flood it.
 */

/** The last minutes: twice what it takes to notice a dead connection by its heartbeats (40 s) and to come back (20 s). */
const LAST_MS = 120_000;
const RETRY_SHARE = 1 / 8;
const RETRY_FLOOR_MS = 500;
const PATIENCE_SHARE = 1 / 4;
const PATIENCE_FLOOR_MS = 1_500;
/** An operation that is not acknowledged for so long makes the connection doubtful. */
const DOUBT_MS = 2_000;
const DOUBT_FLOOR_MS = 500;

/** Infinite where nothing closes, or where it has closed: there is nothing to hurry for. */
function leftMs(closing_at: number | null, now: number): number {
  return closing_at === null || closing_at <= now ? Infinity : closing_at - now;
}

export function isUrgent(closing_at: number | null, now: number): boolean {
  return leftMs(closing_at, now) <= LAST_MS;
}

/** The longest wait before the next try to connect, of at most `cap_ms`. */
export function retryCapMs(closing_at: number | null, now: number, cap_ms: number): number {
  return Math.min(cap_ms, Math.max(RETRY_FLOOR_MS, leftMs(closing_at, now) * RETRY_SHARE));
}

/** How long to wait for an answer of the network, of at most `most_ms`. */
export function patienceMs(closing_at: number | null, now: number, most_ms: number): number {
  return Math.min(most_ms, Math.max(PATIENCE_FLOOR_MS, leftMs(closing_at, now) * PATIENCE_SHARE));
}

/** How long a connection may be silent while something sent at `since` waits for its acknowledgement. */
export function doubtMs(closing_at: number | null, since: number): number {
  return Math.min(DOUBT_MS, Math.max(DOUBT_FLOOR_MS, leftMs(closing_at, since) * PATIENCE_SHARE));
}
