/** What the tools hold of one attempt, as it is kept on the device. */

import type { Stretch } from "./marks";

export const MAX_NOTES_CHARS = 20_000;
/** Of more sums the oldest go. */
export const MAX_SUMS = 20;

export interface Sum {
  typed: string;
  /** Null: it can't be read, or has no result. */
  result: string | null;
}

export interface HeldByTools {
  notes: string;
  /** Options, by `optionKey`. */
  struck: readonly string[];
  sums: readonly Sum[];
  /** What is highlighted, by the name of its text. */
  marked: Readonly<Record<string, readonly Stretch[]>>;
}

const NOTHING: HeldByTools = { notes: "", struck: [], sums: [], marked: {} };

export function optionKey(question_id: string, response_id: string, option_id: string): string {
  return JSON.stringify([question_id, response_id, option_id]);
}

/** Reads what was kept. What an older page kept in another way, or a stranger wrote, is nothing. */
export function readHeld(text: string | null): HeldByTools {
  try {
    const { notes, struck, sums, marked = {} } = JSON.parse(text ?? "null") as HeldByTools;
    if (typeof notes === "string" && Array.isArray(struck) && Array.isArray(sums)) return { notes, struck, sums, marked };
  } catch {
    // Nothing, or nothing that can be read.
  }
  return NOTHING;
}
