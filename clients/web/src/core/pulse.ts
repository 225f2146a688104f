/**
 * What a room did over time, as this page has seen it: a look at all rows every half minute. Rows say how everybody is, and not how she was; so
 * nothing is known of the time before the page was opened, nor of that in which it had no connection.
 */

import type { Row } from "../generated/messages";
import { concernsStaff, URGENT } from "./concerns";
import { isAway, type Moment } from "./row";

/** Between two looks. */
export const LOOK_MS = 30_000;
/** Twelve hours of them. */
const MOST = 1_440;
/** After so long without a look nothing is known of what lay between. */
const GAP_MS = 3 * LOOK_MS;

/** One look. `answers` and `losses` are of the time since the look before it, `span_ms`; null: there was none, or too long ago. */
export interface Beat {
  at_ms: number;
  sitting: number;
  /** Those who sit and are not seen by the server. */
  away: number;
  /** Those whom somebody should see to. */
  urgent: number;
  span_ms: number | null;
  /** Questions that were answered for the first time. */
  answers: number | null;
  /** Connections that were lost. */
  losses: number | null;
}

export class Pulse {
  beats: readonly Beat[] = [];
  private answered: ReadonlyMap<string, number> = new Map();
  private away: ReadonlySet<string> = new Set();
  private looked_ms = -Infinity;

  /** Takes up what a page before a reload had seen. Whatever is not that is passed over. */
  static recalled(kept: string | null): Pulse {
    const pulse = new Pulse();
    const found: unknown = JSON.parse(kept ?? "[]");
    if (Array.isArray(found)) pulse.beats = found.filter(isBeat).slice(-MOST);
    return pulse;
  }

  /** What a page after a reload takes up. */
  kept(): string {
    return JSON.stringify(this.beats);
  }

  /** All rows, as they are now, while news come. True: it was time for a look. */
  look(rows: readonly Row[], moment: Moment): boolean {
    const span_ms = moment.now - this.looked_ms;
    if (span_ms < LOOK_MS) return false;
    const follows = span_ms <= GAP_MS;
    const answered = new Map<string, number>();
    const away = new Set<string>();
    let [sitting, urgent, answers, losses] = [0, 0, 0, 0];
    for (const row of rows) {
      const { attempt_id } = row;
      answered.set(attempt_id, row.answered);
      // Whoever was not there has answered nothing yet.
      answers += Math.max(0, row.answered - (this.answered.get(attempt_id) ?? 0));
      for (const concern of URGENT) {
        if (!concernsStaff(concern, row, moment)) continue;
        urgent += 1;
        break;
      }
      if (row.status !== "in_progress" && row.status !== "paused") continue;
      sitting += 1;
      if (!isAway(row)) continue;
      away.add(attempt_id);
      if (!this.away.has(attempt_id)) losses += 1;
    }
    const since = follows ? { span_ms, answers, losses } : { span_ms: null, answers: null, losses: null };
    this.beats = [...this.beats, { at_ms: moment.now, sitting, away: away.size, urgent, ...since }].slice(-MOST);
    [this.answered, this.away, this.looked_ms] = [answered, away, moment.now];
    return true;
  }
}

function isBeat(found: unknown): found is Beat {
  if (typeof found !== "object" || found === null) return false;
  const { at_ms, sitting, away, urgent, span_ms, answers, losses } = found as Partial<Record<keyof Beat, unknown>>;
  const numbers = [at_ms, sitting, away, urgent].every((one) => typeof one === "number");
  return numbers && [span_ms, answers, losses].every((one) => one === null || typeof one === "number");
}

/** Answers a minute since the look before; null: not known. */
export function perMinute({ answers, span_ms }: Beat): number | null {
  return answers === null || span_ms === null ? null : (answers * 60_000) / span_ms;
}

/** Looks without a gap between them, as stretches: over a gap no line is drawn. */
export function stretches(beats: readonly Beat[]): Beat[][] {
  const found: Beat[][] = [];
  for (const beat of beats) {
    const last = found.at(-1);
    if (last === undefined || beat.span_ms === null) found.push([beat]);
    else last.push(beat);
  }
  return found;
}

/** How many have answered which part of their paper. */
export interface ProgressBin {
  /** From so many percent, to the next bin; the last one is the whole paper alone. */
  from: number;
  sitting: number;
  ended: number;
}

const TENTH = 10;

/** In tenths. Whoever has no paper yet, or a void attempt, is not counted. */
export function progressOf(rows: readonly Row[]): ProgressBin[] {
  const bins = Array.from({ length: 11 }, (_, n): ProgressBin => ({ from: n * TENTH, sitting: 0, ended: 0 }));
  for (const row of rows) {
    const group = groupOf(row);
    if (group === null || row.total === 0) continue;
    const bin = bins[Math.min(TENTH, Math.floor((row.answered * TENTH) / row.total))];
    if (bin !== undefined) bin[group] += 1;
  }
  return bins;
}

function groupOf({ status }: Row): "sitting" | "ended" | null {
  if (status === "in_progress" || status === "paused") return "sitting";
  return status === "submitted" || status === "expired" || status === "completed" ? "ended" : null;
}

/** How many are at a question, by its place in their papers, and how many are there or further. */
export interface Place {
  here: number;
  come: number;
}

/** Of those who sit; whoever has ended has come as far as her last question. */
export function placesInPapers(rows: readonly Row[]): Place[] {
  const longest = rows.reduce((most, { total }) => Math.max(most, total), 0);
  const found = Array.from({ length: longest }, (): Place => ({ here: 0, come: 0 }));
  for (const row of rows) {
    const group = groupOf(row);
    const place = group === null || row.total === 0 ? undefined : found[row.question_index];
    if (place === undefined) continue;
    if (group === "sitting") place.here += 1;
    place.come += 1;
  }
  for (let n = found.length - 2; n >= 0; n -= 1) found[n]!.come += found[n + 1]!.come;
  return found;
}

/** Formal warnings in equal spans of time, from `from_ms` on: their instants are in the rows, whenever the page was opened. */
export function warningsOver(rows: readonly Row[], from_ms: number, step_ms: number, steps: number): number[] {
  const counts = Array.from({ length: steps }, () => 0);
  for (const { warnings } of rows) {
    for (const { at_ms } of warnings ?? []) {
      const n = Math.floor((at_ms - from_ms) / step_ms);
      if (n >= 0 && n < steps) counts[n]! += 1;
    }
  }
  return counts;
}
