/** Numbers and times as people read them. */

const TWO = (value: number): string => String(value).padStart(2, "0");

/** "1:05:09", "5:09", "0:07": seconds are rounded up, so that 0:00 means that nothing is left. */
export function formatLeft(left_ms: number): string {
  const seconds = Math.max(0, Math.ceil(left_ms / 1000));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = `${TWO(seconds % 60)}`;
  return hours > 0 ? `${hours}:${TWO(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** "+0:07", "+1:05:09": for how long time is over; whole seconds that have passed. */
export function formatOver(over_ms: number): string {
  return `+${formatLeft(Math.floor(over_ms / 1000) * 1000)}`;
}

/** "1 hour 30 minutes", "5 minutes", "45 seconds". */
export function formatDuration(duration_ms: number): string {
  const seconds = Math.round(duration_ms / 1000);
  const parts: string[] = [];
  const say = (count: number, unit: string): void => {
    if (count > 0) parts.push(`${count} ${unit}${count === 1 ? "" : "s"}`);
  };
  say(Math.floor(seconds / 86_400), "day");
  say(Math.floor((seconds % 86_400) / 3600), "hour");
  say(Math.floor((seconds % 3600) / 60), "minute");
  if (seconds < 300) say(seconds % 60, "second");
  return parts.length > 0 ? parts.join(" ") : "0 seconds";
}

/** The time of day, with seconds, in this device's zone. */
export function formatClock(at_ms: number): string {
  const at = new Date(at_ms);
  return `${TWO(at.getHours())}:${TWO(at.getMinutes())}:${TWO(at.getSeconds())}`;
}

/** "14:05", or on another day "1 March 2027, 09:00", in this device's zone. */
export function formatMoment(at_ms: number, now_ms: number): string {
  const at = new Date(at_ms);
  const time = `${TWO(at.getHours())}:${TWO(at.getMinutes())}`;
  if (at.toDateString() === new Date(now_ms).toDateString()) return time;
  return `${at.toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" })}, ${time}`;
}

/** The time until something comes: "0:07", "1:05:09"; of more than a day no seconds are told. */
export function formatWait(wait_ms: number): string {
  return wait_ms > 86_400_000 ? formatDuration(wait_ms) : formatLeft(wait_ms);
}

/** Points, which travel in thousandths: 1500 → "1.5". */
export function formatPoints(mpt: number): string {
  return String(mpt / 1000);
}

/** The length as the server counts it: code points, not UTF-16 units. */
export function countChars(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

const IDEOGRAPH = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu;

/** How many words a text has, as the server counts them: what stands between white space and has a letter or a digit; each ideograph is one. */
export function countWords(text: string): number {
  return text.replace(IDEOGRAPH, " x ").split(/\p{White_Space}+/u).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
}

/** A text as every encoding can carry it: half of a character (a paste that was cut off) becomes a replacement mark. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\ufffd");
}
