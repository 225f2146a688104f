/**
 * What a page notices, summed up for each signal: the first time is said at once, and what follows every ten seconds at most, never while an
 * earlier word of the same signal is under way. So a window that flaps, and a day without a network, are a few numbers.
 */

import type { PageSignal } from "../generated/signals";

const EVERY_MS = 10_000;
/** Of keystrokes there are many, and nothing follows from them. */
const KEYSTROKES_EVERY_MS = 60_000;

export interface Told {
  signal: PageSignal;
  count: number;
  size: number;
}

export class Noticing {
  private readonly sums = new Map<PageSignal, { count: number; size: number }>();
  private readonly told_at = new Map<PageSignal, number>();

  constructor(readonly watched: ReadonlySet<string>) {}

  /** It happened `count` times more; `size` is how long it lasted, or how many characters it was about. */
  notice(signal: PageSignal, count: number, size = 0): void {
    if (!this.watched.has(signal)) return;
    const sum = this.sums.get(signal) ?? { count: 0, size: 0 };
    this.sums.set(signal, { count: sum.count + count, size: sum.size + Math.max(0, Math.round(size)) });
  }

  get waits(): boolean {
    return this.sums.size > 0;
  }

  /** What is to be said now. */
  take(now: number, isUnderWay: (signal: PageSignal) => boolean): Told[] {
    const taken: Told[] = [];
    for (const [signal, sum] of this.sums) {
      const every_ms = signal === "keystrokes" ? KEYSTROKES_EVERY_MS : EVERY_MS;
      if (isUnderWay(signal) || now < (this.told_at.get(signal) ?? -Infinity) + every_ms) continue;
      this.sums.delete(signal);
      this.told_at.set(signal, now);
      taken.push({ signal, ...sum });
    }
    return taken;
  }
}

/** Keystrokes: how many, and how many of them came faster after the one before than a hand types. */
export class Rhythm {
  private last = -Infinity;

  /** Whether this one, at this instant, was too fast. */
  isFast(at: number): boolean {
    const fast = at - this.last < FAST_MS;
    this.last = at;
    return fast;
  }
}

const FAST_MS = 20;

/** Whether a window takes less than half of the screen. */
export function isSmall(window: { outerWidth: number; outerHeight: number }, screen: { availWidth: number; availHeight: number }): boolean {
  const whole = screen.availWidth * screen.availHeight;
  // Some browsers say nothing of it.
  return whole > 0 && window.outerWidth * window.outerHeight > 0 && window.outerWidth * window.outerHeight < whole / 2;
}
