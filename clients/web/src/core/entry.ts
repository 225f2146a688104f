/** What stands between a candidate and her start. Time is the server's, and an argument. */

import type { Hindrance, Timing } from "../generated/messages";

/** What the server has said of it; the fields are those of `welcome` and `offer`. */
export interface Entry {
  duration_ms: number | null;
  opens_at_ms: number | null;
  closes_at_ms: number | null;
  hindrances: readonly Hindrance[];
  timing?: (Pick<Timing, "synchronised"> & Partial<Pick<Timing, "soft">>) | null;
}

/** She is asked for it where she starts: it does not keep her waiting. */
const CODE_REQUIRED = "code_required";

/** What still keeps her from starting, in the order in which the server told it. */
export function standing({ hindrances }: Pick<Entry, "hindrances">, now: number): Hindrance[] {
  return hindrances.filter(({ code, from_ms }) => code !== CODE_REQUIRED && !(from_ms !== null && now >= from_ms));
}

export function asksForCode({ hindrances }: Pick<Entry, "hindrances">): boolean {
  return hindrances.some(({ code }) => code === CODE_REQUIRED);
}

export function isClosed({ closes_at_ms }: Pick<Entry, "closes_at_ms">, now: number): boolean {
  return closes_at_ms !== null && now >= closes_at_ms;
}

/** When time alone will have taken away all that can go by itself; null: nothing of it will, or nothing stands. */
export function passesAt(hindrances: readonly Hindrance[]): number | null {
  const times = hindrances.flatMap(({ from_ms }) => (from_ms === null ? [] : [from_ms]));
  return times.length === 0 ? null : Math.max(...times);
}

export interface End {
  at_ms: number;
  /** The time that she would have. */
  has_ms: number;
  /** The window ends before her time would. */
  cut: boolean;
  /** How much of a time that counts from the opening for everybody will have gone by. */
  missing_ms?: number;
}

/** When her attempt would end if she started as soon as time lets her; null: no limit, or too late. */
export function endIfStarted(entry: Entry, now: number): End | null {
  const { duration_ms, closes_at_ms } = entry;
  const begins = Math.max(now, passesAt(standing(entry, now)) ?? now);
  if (isClosed(entry, begins)) return null;
  const together = entry.timing?.synchronised ? entry.opens_at_ms : null;
  const own = duration_ms === null || entry.timing?.soft ? null : (together ?? begins) + duration_ms;
  const at_ms = own === null ? closes_at_ms : Math.min(own, closes_at_ms ?? own);
  if (at_ms === null || at_ms <= begins) return null;
  const missing_ms = together === null ? 0 : Math.max(0, begins - together);
  return { at_ms, has_ms: at_ms - begins, cut: own !== null && at_ms < own, ...(missing_ms > 0 ? { missing_ms } : {}) };
}
