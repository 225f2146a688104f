/** Plots as geometry: scales with round ticks, and paths through points. */

export interface Scale {
  readonly min: number;
  readonly max: number;
  readonly ticks: readonly number[];
}

const STEPS = [1, 2, 2.5, 5, 10];

/** A scale from and to round numbers with about so many steps, which has all values between. */
export function niceScale(min: number, max: number, steps = 5): Scale {
  const span = max > min ? max - min : 1;
  const rough = span / steps;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = unit * (STEPS.find((one) => one * unit >= rough * 0.999_999) ?? 10);
  const first = Math.floor(min / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil((max > min ? max : min + 1) / step - 1e-9));
  const ticks = Array.from({ length: last - first + 1 }, (_, n) => rounded((first + n) * step));
  return { min: ticks[0] ?? 0, max: ticks.at(-1) ?? 1, ticks };
}

/** A scale of a count from none: nobody is there by half. */
export function countScale(most: number, steps = 5): Scale {
  const rough = Math.max(1, most / steps);
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = unit * ([1, 2, 5, 10].find((one) => one * unit >= rough * 0.999_999) ?? 10);
  const last = Math.max(1, Math.ceil(most / step - 1e-9));
  return { min: 0, max: last * step, ticks: Array.from({ length: last + 1 }, (_, n) => n * step) };
}

/** A scale of so many things in a row, each as wide as one; a tick with a whole number in the middle of some. */
export function rowScale(count: number, steps = 12): Scale {
  const rough = count / steps;
  const unit = 10 ** Math.floor(Math.log10(Math.max(1, rough)));
  const step = unit * ([1, 2, 5, 10].find((one) => one * unit >= rough) ?? 10);
  const numbers = [1, ...Array.from({ length: Math.floor(count / step) }, (_, n) => (n + 1) * step)];
  return { min: 0, max: Math.max(1, count), ticks: [...new Set(numbers)].map((number) => number - 0.5) };
}

/** Without what binary fractions add. */
function rounded(value: number): number {
  return Number(value.toPrecision(12));
}

/** A scale of instants, whose ticks are round minutes or hours of this device's zone: `zone_ms` is how far it is ahead of UTC. */
export function timeScale(from_ms: number, until_ms: number, zone_ms: number, steps = 6): Scale {
  const span = Math.max(until_ms - from_ms, 60_000);
  const step = TIME_STEPS.find((one) => one >= span / steps) ?? Math.ceil(span / steps / DAY) * DAY;
  const ticks = [];
  for (let at = Math.ceil((from_ms + zone_ms) / step) * step - zone_ms; at <= from_ms + span; at += step) ticks.push(at);
  return { min: from_ms, max: from_ms + span, ticks };
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TIME_STEPS = [1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE).concat([1, 2, 3, 6, 12, 24].map((hours) => hours * HOUR));

/** Where a value lies between two places. */
export function place({ min, max }: Scale, value: number, from: number, to: number): number {
  return from + ((value - min) / (max - min)) * (to - from);
}

export type Point = readonly [x: number, y: number];

const short = (value: number): string => String(Math.round(value * 10) / 10);

/** Dots, as one path: its stroke is as wide as they are, and round. A thousand elements would be slow to draw. */
export function dots(points: readonly Point[]): string {
  return points.map(([x, y]) => `M${short(x)} ${short(y)}h0`).join("");
}

/** A line from point to point. */
export function line(points: readonly Point[]): string {
  return points.map(([x, y], n) => `${n === 0 ? "M" : "L"}${short(x)} ${short(y)}`).join("");
}

/** What lies between the line and the ground. */
export function area(points: readonly Point[], ground: number): string {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return "";
  return `${line(points)}L${short(last[0])} ${short(ground)}L${short(first[0])} ${short(ground)}Z`;
}
