/** What an outage took from candidates, and what staff give back. */

import type { LostTime } from "../generated/rest";

export const MINUTE_MS = 60_000;

/** One candidate in the notice: whether she is to get time, and how many minutes. */
export interface Share {
  lost: LostTime;
  chosen: boolean;
  minutes: number;
}

/** Whole minutes, rounded up; whoever has been given as much already, or has ended, is not chosen. */
export function shareOf(lost: LostTime): Share {
  const sits = lost.status === "in_progress" || lost.status === "paused";
  return { lost, chosen: sits && lost.given_ms < lost.lost_ms, minutes: Math.ceil(lost.lost_ms / MINUTE_MS) };
}

/** Those who get the same time get it by the same act: milliseconds → attempts. */
export function byTime(shares: readonly Share[]): Map<number, string[]> {
  const groups = new Map<number, string[]>();
  for (const { lost, chosen, minutes } of shares) {
    const ms = Math.round(minutes * MINUTE_MS);
    if (!chosen || !(ms > 0)) continue;
    groups.set(ms, [...(groups.get(ms) ?? []), lost.attempt_id]);
  }
  return groups;
}
