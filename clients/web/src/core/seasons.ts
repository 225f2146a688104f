/** Instants that were written with the offset of another season: whoever wrote them may have meant another hour. */

/** The offset from UTC on the clocks of this device at an instant, in milliseconds. */
function offsetHere(at_ms: number): number {
  return -new Date(at_ms).getTimezoneOffset() * 60_000;
}

/** Whether this offset is not the one of that instant here, but the one of another time of that year. */
export function isOfAnotherSeason(at_ms: number, written_ms: number, offsetAt: (at_ms: number) => number = offsetHere): boolean {
  const year = new Date(at_ms).getUTCFullYear();
  const overTheYear = [0, 6].map((month) => offsetAt(Date.UTC(year, month, 1)));
  return written_ms !== offsetAt(at_ms) && overTheYear.includes(written_ms);
}
