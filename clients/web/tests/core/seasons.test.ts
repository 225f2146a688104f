import { describe, expect, it } from "vitest";
import { isOfAnotherSeason } from "../../src/core/seasons";

const HOUR = 3_600_000;

/** The offset from UTC in a zone, as the browser knows it. */
function offsetIn(timeZone: string): (at_ms: number) => number {
  const inZone = new Intl.DateTimeFormat("en-GB", { timeZone, dateStyle: "short", timeStyle: "medium" });
  return (at_ms) => {
    const [, day, month, year, time] = /(\d+)\/(\d+)\/(\d+), (.+)/.exec(inZone.format(at_ms)) ?? [];
    return Date.parse(`${year}-${month}-${day}T${time}Z`) - at_ms;
  };
}

describe("isOfAnotherSeason", () => {
  it.each([
    ["Europe/Berlin", "2027-07-01T09:00:00Z", 1, true],
    ["Europe/Berlin", "2027-07-01T09:00:00Z", 2, false],
    ["Europe/Berlin", "2027-12-01T09:00:00Z", 2, true],
    ["Europe/Berlin", "2027-12-01T09:00:00Z", 1, false],
    // Another zone is no slip of the pen.
    ["Europe/Berlin", "2027-12-01T09:00:00Z", 0, false],
    ["America/New_York", "2027-07-01T09:00:00Z", -5, true],
    ["Asia/Tokyo", "2027-07-01T09:00:00Z", 9, false],
    ["UTC", "2027-07-01T09:00:00Z", 1, false],
  ])("in %s, %s written with %i h: %s", (zone, at, hours, expected) => {
    expect(isOfAnotherSeason(Date.parse(at), hours * HOUR, offsetIn(zone))).toBe(expected);
  });

  it("asks the clock of the device where no zone is named", () => {
    const at = Date.UTC(2027, 6, 1);
    expect(isOfAnotherSeason(at, -new Date(at).getTimezoneOffset() * 60_000)).toBe(false);
  });
});
