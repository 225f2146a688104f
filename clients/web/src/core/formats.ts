/** Numbers, times and lists as people of a language read them. */

import type { Language } from "../generated/words";
import { formatClock, formatLeft } from "./format";

/** Digits are the same in all languages: those of the test's own numbers, and of what is typed into it. */
const TAGS: Partial<Record<string, string>> = { en: "en-GB", ar: "ar-u-nu-latn" };

const UNITS = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
] as const;

const DATE: Intl.DateTimeFormatOptions = { day: "numeric", month: "long", year: "numeric" };
const SHORT_DATE: Intl.DateTimeFormatOptions = { day: "2-digit", month: "short", year: "numeric" };

export class Formats {
  private readonly tag: string;
  /** To make one takes many times as long as to use it, and a page that opens needs none of them. */
  private readonly made = new Map<Intl.DateTimeFormatOptions, Intl.DateTimeFormat>();
  private readonly units = new Map<string, Intl.NumberFormat>();
  private plain: Intl.NumberFormat | undefined;

  constructor(language: Language) {
    this.tag = TAGS[language] ?? language;
  }

  /** "1,500", "2.5". */
  number(value: number): string {
    return (this.plain ??= new Intl.NumberFormat(this.tag)).format(value);
  }

  /** Points, which travel in thousandths: 1500 → "1.5". */
  points(mpt: number): string {
    return this.number(mpt / 1000);
  }

  /** "1 hour 30 minutes", "5 minutes", "45 seconds". */
  duration(duration_ms: number): string {
    const seconds = Math.round(duration_ms / 1000);
    const parts: string[] = [];
    let rest = seconds;
    for (const [unit, size] of UNITS) {
      if (rest >= size) parts.push(this.unit(Math.floor(rest / size), unit));
      rest %= size;
    }
    if ((seconds < 300 && rest > 0) || parts.length === 0) parts.push(this.unit(rest, "second"));
    return this.listed(parts, { type: "unit", style: "narrow" });
  }

  /** The time of day, with seconds, in this device's zone. */
  clock(at_ms: number): string {
    return formatClock(at_ms);
  }

  /** "14:05", or on another day "1 March 2027, 09:00", in this device's zone. */
  moment(at_ms: number, now_ms: number): string {
    const at = new Date(at_ms);
    // All six languages write it so, and to make the browser's own format takes a phone a tenth of a second.
    const time = formatClock(at_ms).slice(0, 5);
    if (at.toDateString() === new Date(now_ms).toDateString()) return time;
    return `${this.written(at_ms, DATE)}${this.tag.startsWith("ar") ? "،" : ","} ${time}`;
  }

  /** "01 Mar 2027", in this device's zone. */
  day(at_ms: number): string {
    return this.written(at_ms, SHORT_DATE);
  }

  /** "Friday, 27 November 2026 at 10:05:09 GMT+1 (Europe/Berlin)": read on other days, and elsewhere. */
  instant(at_ms: number, zone = new Intl.DateTimeFormat().resolvedOptions().timeZone): string {
    const shown = new Intl.DateTimeFormat(this.tag, { dateStyle: "full", timeStyle: "long", timeZone: zone }).format(at_ms);
    return shown.includes(zone) ? shown : `${shown} (${zone})`;
  }

  /** The time until something comes: "0:07", "1:05:09"; of more than a day no seconds are told. */
  wait(wait_ms: number): string {
    return wait_ms > 86_400_000 ? this.duration(wait_ms) : formatLeft(wait_ms);
  }

  /** "120 kB", "3.4 MB". */
  size(bytes: number): string {
    const kilo = Math.max(1, Math.round(bytes / 1024));
    return kilo < 1024 ? this.unit(kilo, "kilobyte", "short") : this.unit(bytes / 1024 ** 2, "megabyte", "short");
  }

  /** "a", "a and b", "a, b and c". */
  listed(parts: readonly string[], options: Intl.ListFormatOptions = {}): string {
    const [only, ...more] = parts;
    return only !== undefined && more.length === 0 ? only : new Intl.ListFormat(this.tag, options).format(parts);
  }

  private written(at_ms: number, how: Intl.DateTimeFormatOptions): string {
    const format = this.made.get(how) ?? new Intl.DateTimeFormat(this.tag, how);
    this.made.set(how, format);
    return format.format(at_ms);
  }

  private unit(count: number, unit: string, unitDisplay: "long" | "short" = "long"): string {
    const name = `${unit} ${unitDisplay}`;
    const format = this.units.get(name) ?? new Intl.NumberFormat(this.tag, { style: "unit", unit, unitDisplay, maximumFractionDigits: 1 });
    this.units.set(name, format);
    return format.format(count);
  }
}
