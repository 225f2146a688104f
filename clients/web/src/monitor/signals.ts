/** What was noticed of a candidate, in words of staff. */

import type { RowSignal } from "../generated/messages";
import { as, S, SIGNAL } from "./words.svelte";

const LASTS: ReadonlySet<string> = new Set(["focus_lost", "page_hidden", "full_screen_left", "window_small"]);
const IN_CHARACTERS: ReadonlySet<string> = new Set(["copied", "cut", "pasted", "text_jumped"]);

/** What a signal is called; of a newer server's its own name. */
export function signalName(signal: string): string {
  return (SIGNAL as Readonly<Record<string, string>>)[signal] ?? signal;
}

/** What its sizes add up to, behind a comma; blank: nothing. */
export function sizeWords(signal: string, size: number): string {
  if (size === 0) return "";
  if (LASTS.has(signal)) return S.noticed.time({ time: as.duration(size) });
  if (IN_CHARACTERS.has(signal)) return S.noticed.characters({ n: size });
  return signal === "keystrokes" ? S.noticed.keys({ n: size }) : "";
}

/** In a row: what staff were alerted of last, or how many signals there are. */
export function alertInBrief(signals: readonly RowSignal[]): string {
  const newest = signals.filter(({ alerted_at_ms }) => alerted_at_ms !== null).sort((a, b) => (b.alerted_at_ms ?? 0) - (a.alerted_at_ms ?? 0))[0];
  if (newest !== undefined) return newest.count > 1 ? `${signalName(newest.signal)} ×${newest.count}` : signalName(newest.signal);
  return S.noticed.things({ n: signals.length });
}

export function signalWords({ signal, count, size }: Pick<RowSignal, "signal" | "count" | "size">): string {
  return `${signalName(signal)}: ${S.noticed.times({ n: count })}${sizeWords(signal, size)}`;
}
