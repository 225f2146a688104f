/** Silence on a connection that still counts as alive. */

import type { ConnectionState } from "./connection";

/** An echo that takes longer is worth a word to whoever relies on what is shown. */
const SILENT_MS = 4_000;

/** Whether a beat of this connection has been without its echo for a while. `now` is local time. */
export function isSilent({ phase, heartbeat_ms }: ConnectionState, now: number): boolean {
  if (phase.name !== "live" || phase.unanswered === 0) return false;
  return phase.unanswered > 1 || now - (phase.next_beat - heartbeat_ms) > SILENT_MS;
}
