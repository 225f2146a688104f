/** What a page knew last of an attempt that had begun: a page that comes up without a network goes on from there. */

import type { AttemptState } from "../generated/messages";
import { hasEnded, type Candidate, type Offered } from "./candidate";

export interface Told extends Pick<Candidate, "test_id" | "candidate_name" | "flagged" | "index"> {
  offer: Offered;
  state: AttemptState;
  /** By how much the server's clock was ahead of this device's wall clock. */
  ahead_ms: number;
  /** When the server was last heard of, in its own time. */
  heard_at_ms: number;
}

/** What is worth to be kept of this; null: nothing, since it has not begun, or is over. */
export function toldIn(model: Candidate, offer: Offered, ahead_ms: number, heard_at_ms: number): Told | null {
  const { test_id, candidate_name, flagged, index, state, paper } = model;
  if (state === null || paper === null || state.status === "initiated" || hasEnded(state.status)) return null;
  return { test_id, candidate_name, flagged, index, offer, state, ahead_ms, heard_at_ms };
}

/** Whether one says what the other one does; the clocks are measured anew all the time. */
export function isTheSame(one: Told | null, other: Told | null): boolean {
  if (one === null || other === null) return one === other;
  const { state, flagged, index, candidate_name, offer } = one;
  if (state !== other.state || flagged !== other.flagged || index !== other.index || candidate_name !== other.candidate_name) return false;
  return (Object.keys(offer) as (keyof Offered)[]).every((name) => offer[name] === other.offer[name]);
}
