/**
 * When a candidate is to be warned, by the page's own reckoning. The server pushes its warnings; this is for when nobody
 * pushes (REST, no connection, a device that slept), and says nothing that was said already. All times are the server's.
 */

import type { ClockState } from "../generated/messages";
import type { Warned } from "./candidate";

/** A live server gets this long to say it first. */
const PATIENCE_MS = 3_000;

/** Those of one clock. */
class OfClock {
  private deadline_ms: number | null = null;
  private said: Warned | null = null;
  /** Said for this deadline, or past when it became known. */
  private done = new Set<number>();

  /** `lefts`: the times left at which the test warns. */
  constructor(
    private readonly scope: string,
    private readonly of: string | null,
    public lefts: readonly number[],
  ) {}

  /** The deadline as it stands at `now`. Of a new one, what lies ahead is still to be said. */
  deadline(deadline_ms: number | null, now: number): void {
    if (deadline_ms === this.deadline_ms) return;
    this.deadline_ms = deadline_ms;
    this.done = new Set(deadline_ms === null ? [] : this.lefts.filter((left_ms) => deadline_ms - left_ms <= now));
  }

  /** The server says it, when it is time or after this page was away. Whether it was not said already. */
  pushed({ left_ms, deadline_ms, scope, of }: Warned): boolean {
    const { said } = this;
    for (const other of this.lefts) if (other >= left_ms) this.done.add(other);
    if (said?.deadline_ms === deadline_ms && said.left_ms <= left_ms) return false;
    this.said = { left_ms, deadline_ms, scope, of };
    return true;
  }

  /** When `due` may have something to say; null: nothing ahead. */
  next(live: boolean): number | null {
    const { deadline_ms } = this;
    const ahead = this.lefts.filter((left_ms) => !this.done.has(left_ms));
    if (deadline_ms === null || ahead.length === 0) return null;
    return deadline_ms - Math.max(...ahead) + (live ? PATIENCE_MS : 0);
  }

  /** The warning to give at `now`; of several that were missed, the last alone. */
  due(now: number, live: boolean): Warned | null {
    const { deadline_ms } = this;
    const next = this.next(live);
    if (deadline_ms === null || next === null || now < next) return null;
    const over = this.lefts.filter((left_ms) => !this.done.has(left_ms) && deadline_ms - left_ms <= now);
    over.forEach((left_ms) => this.done.add(left_ms));
    if (now >= deadline_ms) return null;
    this.said = { left_ms: Math.min(...over), deadline_ms, scope: this.scope, of: this.of };
    return this.said;
  }
}

/** Of the test's clock and of the open section's: questions have no warnings. */
export class Warnings {
  private lefts: readonly number[] = [];
  private readonly known = new Map<string, OfClock>();

  /** The times left at which the test warns. */
  rules(warnings_ms: readonly number[]): void {
    this.lefts = warnings_ms;
    for (const one of this.known.values()) one.lefts = warnings_ms;
  }

  /** The clocks as they stand at `now`. */
  clocks(clocks: readonly ClockState[], now: number): void {
    const named = new Set<OfClock>();
    for (const { scope, of, deadline_ms } of clocks) {
      if (scope === "question") continue;
      const one = this.one(scope, of);
      one.deadline(deadline_ms, now);
      named.add(one);
    }
    for (const one of this.known.values()) if (!named.has(one)) one.deadline(null, now);
  }

  pushed(warned: Warned): boolean {
    return this.one(warned.scope, warned.of).pushed(warned);
  }

  next(live: boolean): number | null {
    const ahead = [...this.known.values()].flatMap((one) => one.next(live) ?? []);
    return ahead.length === 0 ? null : Math.min(...ahead);
  }

  /** One at a time, the most urgent first. */
  due(now: number, live: boolean): Warned | null {
    const due = [...this.known.values()].flatMap((one) => one.due(now, live) ?? []);
    return due.sort((a, b) => a.deadline_ms - b.deadline_ms)[0] ?? null;
  }

  private one(scope: string, of: string | null): OfClock {
    const key = `${scope} ${of ?? ""}`;
    const known = this.known.get(key) ?? new OfClock(scope, of, this.lefts);
    this.known.set(key, known);
    return known;
  }
}
