/** Whether a device is ready for a test, as far as a page can find out: what is looked at before the start. */

import type { Source } from "./captures";
import type { Shown } from "./connection-state";

export interface Found {
  connection: Shown;
  /** The shortest of the last few; null: none was measured. */
  round_trip_ms: number | null;
  /** What the device's wall clock is ahead of the server's; null: the server's is not known. */
  ahead_ms: number | null;
  /** Whether what is typed survives a crash of this browser. */
  durable: boolean;
  /** Whether the browser has promised to keep it; null: not answered yet. */
  promised: boolean | null;
  /** Whether the page comes up without a network; null: not known yet. */
  shell: boolean | null;
  /** Of each source that the test asks for pictures whether it has it; empty: it asks for none, or that is not known yet. */
  captures: readonly Capturable[];
}

export interface Capturable {
  source: Source;
  able: boolean;
  /** As in what the test asks. */
  asks: string;
}

export type Check =
  | { name: "connection"; level: "good" | "note"; says: "live" | "rest" | "none" }
  | { name: "delay"; level: "good" | "note"; says: "quick" | "slow"; ms: number }
  | { name: "clock"; level: "good" | "note"; says: "right" | "fast" | "late"; ms: number }
  | { name: "storage"; level: "good" | "note"; says: "promised" | "kept" | "nothing" }
  | { name: "shell"; level: "good" | "note"; says: "comes" | "stays" }
  | { name: Source; level: "good" | "note"; says: "there" | "without" | "none" };

/** Answers come back a little later than she notices. */
const SLOW_MS = 1_000;
/** Nobody sees that a clock is off by less. */
const OFF_MS = 30_000;

/** What is not known yet is left out. */
export function readiness({ connection, round_trip_ms, ahead_ms, durable, promised, shell, captures }: Found): Check[] {
  const checks: Check[] = [];
  const is_there = connection === "live" || connection === "rest";
  checks.push({ name: "connection", level: connection === "live" ? "good" : "note", says: is_there ? connection : "none" });
  if (is_there && round_trip_ms !== null) {
    const slow = round_trip_ms > SLOW_MS;
    checks.push({ name: "delay", level: slow ? "note" : "good", says: slow ? "slow" : "quick", ms: Math.round(round_trip_ms) });
  }
  if (ahead_ms !== null) {
    const off = Math.abs(ahead_ms) > OFF_MS;
    checks.push({ name: "clock", level: off ? "note" : "good", says: !off ? "right" : ahead_ms > 0 ? "fast" : "late", ms: Math.abs(ahead_ms) });
  }
  if (!durable) checks.push({ name: "storage", level: "note", says: "nothing" });
  else if (promised !== null) checks.push({ name: "storage", level: promised ? "good" : "note", says: promised ? "promised" : "kept" });
  if (shell !== null) checks.push({ name: "shell", level: shell ? "good" : "note", says: shell ? "comes" : "stays" });
  for (const { source, able, asks } of captures) {
    checks.push({ name: source, level: able ? "good" : "note", says: able ? "there" : asks === "required" ? "none" : "without" });
  }
  return checks;
}
