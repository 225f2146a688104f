/**
 * When a candidate is to be warned, by the page's own reckoning. The server pushes its warnings; this is for when nobody
 * pushes (REST, no connection, a device that slept), and says nothing that was said already. All times are the server's.
 */

import type { Warned } from "./candidate";

/** A live server gets this long to say it first. */
const PATIENCE_MS = 3_000;

export class Warnings {
  private lefts: readonly number[] = [];
  private deadline_ms: number | null = null;
  private said: Warned | null = null;
  /** Said for this deadline, or past when it became known. */
  private done = new Set<number>();

  /** The times left at which the test warns. */
  rules(warnings_ms: readonly number[]): void {
    this.lefts = warnings_ms;
  }

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
    this.said = { left_ms: Math.min(...over), deadline_ms, scope: "test", of: null };
    return this.said;
  }
}
