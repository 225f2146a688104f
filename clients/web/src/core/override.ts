/** What staff grant to somebody, as a form has it and as the server takes it. Instants are those of this device's zone. */

import type { Override, SetPage } from "../generated/rest";

/** How the time is granted; `inherit`: nothing is said of it. */
export type TimeForm = "inherit" | "minutes" | "percent" | "unlimited" | "none";

export interface GrantForm {
  time: TimeForm;
  minutes: number | null;
  percent: number | null;
  /** As a field of the type `datetime-local` has them; empty: nothing is said. */
  opens: string;
  closes: string;
  never_closes: boolean;
  attempts: number | null;
  pause_minutes: number | null;
  /** The signals that nobody watches for; null: nothing is said. */
  exempt: readonly string[] | null;
  /** How her page looks to begin with: what is null is left to her. */
  page: PageForm;
}

export type PageForm = { readonly [Name in keyof SetPage]-?: Exclude<SetPage[Name], undefined> };

export const AS_SHE_LIKES: PageForm = { language: null, theme: null, size: null, spaced: null, still: null, time_hidden: null };

export const NOTHING_GRANTED: GrantForm = {
  time: "inherit",
  minutes: null,
  percent: null,
  opens: "",
  closes: "",
  never_closes: false,
  attempts: null,
  pause_minutes: null,
  exempt: null,
  page: AS_SHE_LIKES,
};

const MINUTE_MS = 60_000;

/** Nil: the text is no instant. */
export function readLocal(text: string): number | null {
  const at_ms = text === "" ? Number.NaN : new Date(text).getTime();
  return Number.isFinite(at_ms) ? at_ms : null;
}

export function writeLocal(at_ms: number): string {
  const at = new Date(at_ms);
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${String(at.getFullYear()).padStart(4, "0")}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`;
  return `${day}T${time}${at.getSeconds() === 0 ? "" : `:${two(at.getSeconds())}`}`;
}

function timeOf({ time, minutes, percent }: GrantForm): Override {
  switch (time) {
    case "minutes":
      return minutes === null ? {} : { extra_time_ms: Math.round(minutes * MINUTE_MS) };
    case "percent":
      return percent === null ? {} : { extra_time_permille: Math.round(percent * 10) };
    case "unlimited":
      return { unlimited_time: true };
    case "none":
      return { extra_time_ms: 0 };
    case "inherit":
      return {};
  }
}

function pageOf(form: PageForm): Override {
  const said = Object.entries(form).filter(([, value]) => value !== null);
  return said.length === 0 ? {} : { page: Object.fromEntries(said) };
}

/** What the form says; whether it makes sense is for the server to say. */
export function toOverride(form: GrantForm): Override {
  const opens_at_ms = readLocal(form.opens);
  const closes_at_ms = form.never_closes ? null : readLocal(form.closes);
  return {
    ...timeOf(form),
    ...(opens_at_ms === null ? {} : { opens_at_ms }),
    ...(closes_at_ms === null ? {} : { closes_at_ms }),
    ...(form.never_closes ? { never_closes: true } : {}),
    ...(form.attempts === null ? {} : { extra_attempts: form.attempts }),
    ...(form.pause_minutes === null ? {} : { pause_budget_ms: Math.round(form.pause_minutes * MINUTE_MS) }),
    ...(form.exempt === null ? {} : { exempt: [...form.exempt] }),
    ...pageOf(form.page),
  };
}

export function saysNothing(form: GrantForm): boolean {
  return Object.keys(toOverride(form)).length === 0;
}

function timeForm({ unlimited_time, extra_time_ms, extra_time_permille }: Override): TimeForm {
  if (unlimited_time === true) return "unlimited";
  if (extra_time_permille != null) return "percent";
  if (extra_time_ms == null) return "inherit";
  return extra_time_ms === 0 ? "none" : "minutes";
}

/** The form that says what was granted. */
export function toForm(override: Override): GrantForm {
  const { extra_time_ms, extra_time_permille, opens_at_ms, closes_at_ms, pause_budget_ms } = override;
  return {
    time: timeForm(override),
    minutes: extra_time_ms == null ? null : extra_time_ms / MINUTE_MS,
    percent: extra_time_permille == null ? null : extra_time_permille / 10,
    opens: opens_at_ms == null ? "" : writeLocal(opens_at_ms),
    closes: closes_at_ms == null ? "" : writeLocal(closes_at_ms),
    never_closes: override.never_closes === true,
    attempts: override.extra_attempts ?? null,
    pause_minutes: pause_budget_ms == null ? null : pause_budget_ms / MINUTE_MS,
    exempt: override.exempt ?? null,
    page: { ...AS_SHE_LIKES, ...override.page },
  };
}
