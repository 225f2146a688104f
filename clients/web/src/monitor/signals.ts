/** What was noticed of a candidate, in words of staff. */

import { formatDuration } from "../core/format";
import type { RowSignal } from "../generated/messages";
import type { Signal } from "../generated/signals";

export const SIGNAL_WORDS: Readonly<Record<Signal, string>> = {
  focus_lost: "Keyboard elsewhere",
  page_hidden: "Page hidden",
  full_screen_left: "Left full screen",
  no_full_screen: "No full screen possible",
  copied: "Copied",
  cut: "Cut",
  pasted: "Pasted",
  context_menu: "Context menu",
  printed: "Tried to print",
  window_small: "Small window",
  second_screen: "Second screen",
  keystrokes: "Keystrokes",
  address_changed: "Other network address",
  device_changed: "Other device",
  text_jumped: "Text grew faster than typed",
  rapid_answer: "Answered faster than read",
};

const LASTS: ReadonlySet<string> = new Set(["focus_lost", "page_hidden", "full_screen_left", "window_small"]);
const IN_CHARACTERS: ReadonlySet<string> = new Set(["copied", "cut", "pasted", "text_jumped"]);

/** What a signal is called; of a newer server's its own name. */
export function signalName(signal: string): string {
  return (SIGNAL_WORDS as Readonly<Record<string, string>>)[signal] ?? signal;
}

/** What its sizes add up to, behind a comma; blank: nothing. */
export function sizeWords(signal: string, size: number): string {
  if (size === 0) return "";
  if (LASTS.has(signal)) return `, ${formatDuration(size)} in all`;
  if (IN_CHARACTERS.has(signal)) return `, ${size} characters`;
  return signal === "keystrokes" ? `, ${size} of them faster than a hand` : "";
}

/** In a row: what staff were alerted of last, or how many signals there are. */
export function alertInBrief(signals: readonly RowSignal[]): string {
  const newest = signals.filter(({ alerted_at_ms }) => alerted_at_ms !== null).sort((a, b) => (b.alerted_at_ms ?? 0) - (a.alerted_at_ms ?? 0))[0];
  if (newest !== undefined) return newest.count > 1 ? `${signalName(newest.signal)} ×${newest.count}` : signalName(newest.signal);
  return signals.length === 1 ? "1 thing noticed" : `${signals.length} things noticed`;
}

export function signalWords({ signal, count, size }: Pick<RowSignal, "signal" | "count" | "size">): string {
  return `${signalName(signal)}: ${count === 1 ? "once" : `${count} times`}${sizeWords(signal, size)}`;
}
