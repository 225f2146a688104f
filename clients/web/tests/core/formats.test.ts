import { describe, expect, it } from "vitest";
import { formatDuration, formatMoment } from "../../src/core/format";
import { LANGUAGES } from "../../src/generated/words";
import { Formats } from "../../src/core/formats";

const english = new Formats("en");

describe("in English", () => {
  it("says durations and moments as the monitor does", () => {
    for (const ms of [0, 1_000, 45_000, 299_000, 300_000, 5_400_000, 90_061_000]) expect(english.duration(ms)).toBe(formatDuration(ms));
    const at = new Date(2027, 2, 1, 9, 0).getTime();
    for (const now of [at, at - 86_400_000]) expect(english.moment(at, now)).toBe(formatMoment(at, now));
  });

  it("says numbers, sizes and lists", () => {
    expect([english.points(1_500), english.number(1_500)]).toEqual(["1.5", "1,500"]);
    expect([english.size(1), english.size(120 * 1024), english.size(3.4 * 1024 ** 2)]).toEqual(["1 kB", "120 kB", "3.4 MB"]);
    expect([english.listed(["a", "b", "c"]), english.listed(["a", "b"], { type: "disjunction" })]).toEqual(["a, b and c", "a or b"]);
  });

  it("says the time of day with seconds, and midnight as 00", () => {
    expect(english.clock(new Date(2027, 2, 1, 0, 5, 9).getTime())).toBe("00:05:09");
  });
});

it.each(LANGUAGES)("writes the time of day as %s does", (language) => {
  const [at, now] = [new Date(2027, 2, 1, 0, 5, 9), new Date(2027, 2, 1, 9)];
  const written = (seconds: Intl.DateTimeFormatOptions): string =>
    new Intl.DateTimeFormat(language === "ar" ? "ar-u-nu-latn" : language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...seconds }).format(at);
  const formats = new Formats(language);
  expect([formats.clock(at.getTime()), formats.moment(at.getTime(), now.getTime())]).toEqual([written({ second: "2-digit" }), written({})]);
});

it.each([
  ["Europe/Berlin", /^Friday,? 27 November 2026 at 10:05:09 (CET|GMT\+1) \(Europe\/Berlin\)$/],
  ["UTC", /^Friday,? 27 November 2026 at 09:05:09 UTC$/],
])("says of an instant the date and the zone in which it is read, once: %s", (zone, said) => {
  expect(new Formats("en").instant(Date.UTC(2026, 10, 27, 9, 5, 9), zone)).toMatch(said);
});
