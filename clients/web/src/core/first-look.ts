/** The start page before the page has a connection: what the server said when the attempt was made. */

import type { AttemptMade } from "../generated/rest";
import { newCandidate, offered, type Candidate } from "./candidate";

export interface FirstLook {
  model: Candidate;
  /** By how much the server's clock is ahead of this device's. */
  ahead_ms: number;
}

/** Null: it has begun, or the server leaves it to the connection what this page may see. `heard_at`: local time. */
export function firstLook({ attempt_id, test_id, state, offer, candidate_name, now_ms }: AttemptMade, heard_at: number): FirstLook | null {
  if (state.status !== "initiated" || offer == null || candidate_name == null || now_ms == null) return null;
  const model = { ...newCandidate(attempt_id, test_id, null), ...offered(offer), candidate_name, state };
  return { model, ahead_ms: now_ms - heard_at };
}
