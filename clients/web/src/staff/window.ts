import { as, H } from "./words.svelte";

/** When a test can be sat. A day is said where it is not that of `now_ms`, and once where both ends are on it. */
export function windowText({ opens_at_ms, closes_at_ms }: { opens_at_ms?: number | null; closes_at_ms?: number | null }, now_ms: number): string {
  const opens = opens_at_ms ?? null;
  const closes = closes_at_ms ?? null;
  if (opens === null) return closes === null ? H.rooms.open : H.rooms.until({ at: as.moment(closes, now_ms) });
  if (closes === null) return H.rooms.from({ at: as.moment(opens, now_ms) });
  return H.rooms.between({ from: as.moment(opens, now_ms), until: as.moment(closes, opens) });
}
