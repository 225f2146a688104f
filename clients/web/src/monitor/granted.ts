/** What a candidate is granted beyond the rules of the test, in words. */

import { LANGUAGE_NAMES } from "../core/languages";
import type { PageSettings, RowAccommodation } from "../generated/messages";
import type { Override } from "../generated/rest";
import { signalName } from "./signals";
import { as, S } from "./words.svelte";

/** An override says some of these, an accommodation says all. */
type Granted = Partial<RowAccommodation> | Override;

function timeOf({ unlimited_time, extra_time_ms, extra_time_permille }: Granted): string | null {
  if (unlimited_time === true) return S.granted.unlimited;
  const parts = [
    ...(extra_time_ms ? [S.granted.minutes({ time: as.brief(extra_time_ms) })] : []),
    ...(extra_time_permille ? [S.granted.percent({ percent: as.number(extra_time_permille / 10) })] : []),
  ];
  return parts.length === 0 ? null : parts.join(", ");
}

function windowOf({ opens_at_ms, closes_at_ms, never_closes }: Granted, now: number): string | null {
  const parts = [
    ...(opens_at_ms == null ? [] : [S.granted.from({ at: as.moment(opens_at_ms, now) })]),
    ...(closes_at_ms == null ? [] : [S.granted.until({ at: as.moment(closes_at_ms, now) })]),
    ...(never_closes === true ? [S.granted.never_closes] : []),
  ];
  return parts.length === 0 ? null : parts.join(", ");
}

function pageOf({ language, theme, size, spaced, still, time_hidden }: PageSettings): string {
  const names: Record<string, string> = { ...LANGUAGE_NAMES, ...S.granted.page.themes };
  const parts = [
    ...[language, theme].map((one) => (one == null ? null : (names[one] ?? one))),
    size == null ? null : `${S.granted.page.size} ${S.granted.page.percent({ percent: as.number(size) })}`,
    ...Object.entries({ spaced, still, time_hidden }).map(([name, on]) => (on === true ? S.granted.page[name as "spaced"] : null)),
  ];
  return parts.filter((part) => part !== null).join(", ");
}

/** What an exemption from this signal means: whoever is exempt from an ended camera or screen is not asked for it. */
export function exemptionName(signal: string): string {
  return { camera_ended: S.granted.no_camera, screen_ended: S.granted.no_screen }[signal] ?? signalName(signal);
}

/** "+15 min · own window": it must fit into a row. */
export function inBrief(granted: Granted): string {
  const time = timeOf(granted);
  return [
    ...(time === null ? [] : [time]),
    ...(windowOf(granted, 0) === null ? [] : [S.granted.own_window]),
    ...(granted.pause_budget_ms == null ? [] : [S.granted.pauses_brief]),
    ...(granted.extra_attempts ? [S.granted.more({ n: granted.extra_attempts })] : []),
    ...(granted.exempt?.length ? [S.granted.exempt_brief] : []),
    ...(granted.page == null ? [] : [S.granted.page.brief]),
  ].join(" · ");
}

/** Each thing with its name. `used_ms`: for how long lost connections have stopped the clock so far. */
export function inFull(granted: Granted | null, used_ms: number, now: number): [string, string][] {
  const given = granted ?? {};
  const time = timeOf(given);
  const open = windowOf(given, now);
  const pauses = [
    ...(given.pause_budget_ms == null ? [] : [given.pause_budget_ms > 0 ? S.granted.budget({ time: as.duration(given.pause_budget_ms) }) : S.granted.runs_on]),
    ...(used_ms > 0 ? [S.granted.used({ time: as.duration(used_ms) })] : []),
  ];
  return [
    ...(time === null ? [] : [[S.granted.time, time] as [string, string]]),
    ...(open === null ? [] : [[S.granted.window, open] as [string, string]]),
    ...(pauses.length === 0 ? [] : [[S.granted.pauses, pauses.join(", ")] as [string, string]]),
    ...(given.extra_attempts ? [[S.granted.attempts, S.granted.more({ n: given.extra_attempts })] as [string, string]] : []),
    ...(given.exempt?.length ? [[S.granted.exempt, given.exempt.map(exemptionName).join(", ")] as [string, string]] : []),
    ...(given.page == null ? [] : [[S.granted.page.title, pageOf(given.page)] as [string, string]]),
  ];
}
