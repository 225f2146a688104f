/**
 * The server's clock, as this device can know it.
 *
 *   local   performance.timeOrigin + performance.now(): runs evenly, and no one can set it
 *   server  local + offset; the offset comes from messages that carry the server's time
 *
 * A sample says: the offset lies within half a round trip of what was measured. The best of the last few samples (the
 * shortest round trip) is used. A sample that can't be true together with the best one means that the local clock
 * stood still, as it does on some systems while they sleep: then everything before it is forgotten.
 */

interface Sample {
  offset_ms: number;
  round_trip_ms: number;
}

const KEPT = 8;
/** Clocks tick in whole milliseconds. */
const TICK_MS = 1;
/** Beside their ticks oscillators drift a little between samples. */
const TOLERANCE_MS = 20;

export class ServerClock {
  private samples: Sample[] = [];
  private recalled_ms = 0;

  /** What an earlier page of this device measured: until something is measured here, it stands for that. */
  recall(offset_ms: number): void {
    this.recalled_ms = offset_ms;
  }

  /** `t0`: local at sending; `t1`, `t2`: server at receipt and at sending; `t3`: local at receipt. */
  measure(t0: number, t1: number, t2: number, t3: number): void {
    const round_trip_ms = Math.max(0, t3 - t0 - (t2 - t1));
    const sample = { offset_ms: (t1 - t0 + (t2 - t3)) / 2, round_trip_ms };
    const best = this.best();
    if (best !== null) {
      const apart = Math.abs(sample.offset_ms - best.offset_ms);
      if (apart > (sample.round_trip_ms + best.round_trip_ms) / 2 + TOLERANCE_MS) this.samples = [];
    }
    this.samples.push(sample);
    if (this.samples.length > KEPT) this.samples.shift();
  }

  /** Whether any message has told the server's time yet. */
  get known(): boolean {
    return this.samples.length > 0;
  }

  /** The shortest of the last few; null: none was measured. */
  get round_trip_ms(): number | null {
    return this.best()?.round_trip_ms ?? null;
  }

  /** The server's time at this local time. */
  now(local: number): number {
    return Math.round(local + this.offset_ms);
  }

  /** What the server's clock shows at this local time at the least. */
  earliest(local: number): number {
    const best = this.best();
    return Math.floor(local + this.offset_ms - (best === null ? 0 : best.round_trip_ms / 2) - TICK_MS);
  }

  /** The local time at which the server's clock shows this. */
  localAt(server: number): number {
    return server - this.offset_ms;
  }

  private get offset_ms(): number {
    return this.best()?.offset_ms ?? this.recalled_ms;
  }

  private best(): Sample | null {
    let best: Sample | null = null;
    for (const sample of this.samples) {
      // Of two equally good ones the newer.
      if (best === null || sample.round_trip_ms <= best.round_trip_ms) best = sample;
    }
    return best;
  }
}
