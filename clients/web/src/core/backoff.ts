/** How long to wait before trying again: full jitter, so that a room that lost its server does not come back at once. */

import { RECONNECT_BASE_MS, RECONNECT_CAP_MS } from "../generated/limits";

export interface Backoff {
  base_ms: number;
  cap_ms: number;
}

/** Until a `welcome` has said otherwise. */
export const DEFAULT_BACKOFF: Backoff = { base_ms: RECONNECT_BASE_MS, cap_ms: RECONNECT_CAP_MS };

/** The wait before try number `tries` (from 0); `random` is in [0, 1). */
export function backoffMs(tries: number, backoff: Backoff, random: number): number {
  const ceiling = Math.min(backoff.cap_ms, backoff.base_ms * 2 ** Math.min(tries, 30));
  return Math.floor(ceiling * random);
}
