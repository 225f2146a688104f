/** Silence on a connection that still counts as alive. */

import type { ConnectionState } from "./connection-state";

/** An echo that takes longer is worth a word to whoever relies on what is shown. */
const SILENT_MS = 4_000;

/** Whether a beat has been without its echo for a while. `heard` and `now` are local times; the last news came at `heard`. */
export function isSilent({ phase, heartbeat_ms }: ConnectionState, heard: number, now: number): boolean {
  return phase.name === "live" && phase.unanswered > 0 && now - heard > heartbeat_ms + SILENT_MS;
}
