/** What comes too early: handing in, and leaving a section, before a minimum time has passed. */

/** How long until then; null: it may be done now. */
export function waitUntil(from_ms: number | null | undefined, server_now: number): number | null {
  return from_ms === null || from_ms === undefined || server_now >= from_ms ? null : from_ms - server_now;
}
