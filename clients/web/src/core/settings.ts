/** What a candidate has set on this device: how the page looks, and what it says. Whatever can't be read counts as not set. */

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
  const kept = asRecord(text);
  const one = <Known>(known: readonly Known[], value: unknown, otherwise: Known): Known => known.find((each) => each === value) ?? otherwise;
  return {
    language: one<Language | null>(LANGUAGES, kept["language"], UNSET.language),
    theme: one(THEMES, kept["theme"], UNSET.theme),
    size: one(SIZES, kept["size"], UNSET.size),
    spaced: kept["spaced"] === true,
    still: kept["still"] === true,
    time_hidden: kept["time_hidden"] === true,
    keys: kept["keys"] !== false,
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
