/** What a candidate is granted beyond the rules of the test, in words. */

import { formatMoment } from "../core/format";
import type { RowAccommodation } from "../generated/messages";
import type { Override } from "../generated/rest";
import { signalName } from "./signals";
import { S } from "./strings";

/** An override says some of these, an accommodation says all. */
type Granted = Partial<RowAccommodation> | Override;

const W = S.granted;

function timeOf({ unlimited_time, extra_time_ms, extra_time_permille }: Granted): string | null {
  if (unlimited_time === true) return W.unlimited;
  const parts = [
    ...(extra_time_ms ? [W.minutes(extra_time_ms)] : []),
    ...(extra_time_permille ? [W.percent(extra_time_permille)] : []),
  ];
  return parts.length === 0 ? null : parts.join(", ");
}

function windowOf({ opens_at_ms, closes_at_ms, never_closes }: Granted, now: number): string | null {
  const parts = [
    ...(opens_at_ms == null ? [] : [W.from(formatMoment(opens_at_ms, now))]),
    ...(closes_at_ms == null ? [] : [W.until(formatMoment(closes_at_ms, now))]),
    ...(never_closes === true ? [W.never_closes] : []),
  ];
  return parts.length === 0 ? null : parts.join(", ");
}

/** "+15 min · own window": it must fit into a row. */
export function inBrief(granted: Granted): string {
  const time = timeOf(granted);
  return [
    ...(time === null ? [] : [time]),
    ...(windowOf(granted, 0) === null ? [] : [W.own_window]),
    ...(granted.pause_budget_ms == null ? [] : [W.pauses_brief]),
    ...(granted.extra_attempts ? [W.more(granted.extra_attempts)] : []),
    ...(granted.exempt?.length ? [W.exempt_brief] : []),
  ].join(" · ");
}

/** Each thing with its name. `used_ms`: for how long lost connections have stopped the clock so far. */
export function inFull(granted: Granted | null, used_ms: number, now: number): [string, string][] {
  const given = granted ?? {};
  const time = timeOf(given);
  const open = windowOf(given, now);
  const pauses = [
    ...(given.pause_budget_ms == null ? [] : [W.budget(given.pause_budget_ms)]),
    ...(used_ms > 0 ? [W.used(used_ms)] : []),
  ];
  return [
    ...(time === null ? [] : [[W.time, time] as [string, string]]),
    ...(open === null ? [] : [[W.window, open] as [string, string]]),
    ...(pauses.length === 0 ? [] : [[W.pauses, pauses.join(", ")] as [string, string]]),
    ...(given.extra_attempts ? [[W.attempts, W.more(given.extra_attempts)] as [string, string]] : []),
    ...(given.exempt?.length ? [[W.exempt, given.exempt.map(signalName).join(", ")] as [string, string]] : []),
  ];
}
