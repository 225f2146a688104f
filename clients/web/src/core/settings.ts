/** What a candidate has set on this device: how the page looks, and what it says. Whatever can't be read counts as not set. */

import type { PageSettings } from "../generated/messages";
import { LANGUAGES, type Language } from "../generated/words";

export const THEMES = ["auto", "light", "dark", "contrast", "cream"] as const;
export type Theme = (typeof THEMES)[number];

/** In percent of the browser's own size. */
export const SIZES = [100, 115, 130, 150] as const;
export type Size = (typeof SIZES)[number];

/** A hidden clock comes back for so long before the end. */
export const SHOWN_AGAIN_MS = 300_000;

export interface Settings {
  /** null: as the browser asks for. */
  language: Language | null;
  theme: Theme;
  size: Size;
  /** Room between letters, words and lines. */
  spaced: boolean;
  /** Nothing moves. */
  still: boolean;
  time_hidden: boolean;
  /** Keyboard shortcuts are heard. */
  keys: boolean;
}

export const UNSET: Settings = { language: null, theme: "auto", size: 100, spaced: false, still: false, time_hidden: false, keys: true };

/** Reads what was kept. */
export function settingsFrom(text: string | null): Settings {
  return known(asRecord(text), UNSET);
}

/** What staff have set beforehand, in the place of what is set here. What this page can't be set to stays as it is. */
export function begunWith(set: Settings, page: PageSettings): Settings {
  return known({ ...page }, set);
}

/** What staff have set for the page of an attempt on this device, and what was set before. */
export interface Begun {
  attempt_id: string;
  page: PageSettings;
  before: Settings;
}

/** Reads what was kept of it; null: nothing. */
export function begunFrom(text: string | null): Begun | null {
  const { attempt_id, page, before } = asRecord(text);
  const isRead = typeof attempt_id === "string" && typeof page === "object" && page !== null && typeof before === "object" && before !== null;
  return isRead ? { attempt_id, page, before: known({ ...before }, UNSET) } : null;
}

/**
 * The settings with which the page of an attempt begins, and what is to be kept of that; null: they stay as they are. Of what staff say she may
 * change all: the same is not set a second time. What they have set for another attempt, perhaps somebody else's, goes, unless it was changed since.
 */
export function begin(now: Settings, kept: Begun | null, attempt_id: string, page: PageSettings | null): [Settings, Begun | null] | null {
  if (kept?.attempt_id === attempt_id) {
    const isSame = page === null || JSON.stringify(page) === JSON.stringify(kept.page);
    return isSame ? null : [begunWith(now, page), { attempt_id, page, before: kept.before }];
  }
  if (kept === null && page === null) return null;
  const before = kept === null ? now : without(now, kept);
  return page === null ? [before, null] : [begunWith(before, page), { attempt_id, page, before }];
}

function without(now: Settings, { page, before }: Begun): Settings {
  const set = Object.entries(page).filter(([name, value]) => value !== null && now[name as keyof Settings] === value);
  return { ...now, ...Object.fromEntries(set.map(([name]) => [name, before[name as keyof Settings]])) };
}

function known(said: Record<string, unknown>, otherwise: Settings): Settings {
  const one = <Known>(all: readonly Known[], name: keyof Settings): Known => all.find((each) => each === said[name]) ?? (otherwise[name] as Known);
  const either = (name: keyof Settings): boolean => one([true, false], name);
  return {
    language: one<Language | null>(LANGUAGES, "language"),
    theme: one(THEMES, "theme"),
    size: one(SIZES, "size"),
    spaced: either("spaced"),
    still: either("still"),
    time_hidden: either("time_hidden"),
    keys: either("keys"),
  };
}

function asRecord(text: string | null): Record<string, unknown> {
  try {
    const read: unknown = JSON.parse(text ?? "{}");
    return typeof read === "object" && read !== null ? (read as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** The attributes of the document by which the styles know them; undefined takes one away. */
export function marksOf({ theme, size, spaced, still }: Settings): Record<"theme" | "size" | "spaced" | "still", string | undefined> {
  return {
    theme: theme === "auto" ? undefined : theme,
    size: size === 100 ? undefined : String(size),
    spaced: spaced ? "" : undefined,
    still: still ? "" : undefined,
  };
}

/** Whether a clock with so much left is out of sight. */
export function isHidden({ time_hidden }: Settings, left_ms: number): boolean {
  return time_hidden && left_ms > SHOWN_AGAIN_MS;
}
