/** What the home page of staff works out: which day today is, and where its links lead. */

import type { RoomSummary } from "../generated/rest";

/** Pages of a test that a link opens. */
export type Shown = "room" | "people" | "marking" | "results" | "preview";

/** For each page the acts of which one opens it, in the order in which they are offered. */
const NEEDS: Readonly<Record<Shown, readonly string[]>> = {
  room: ["watch"],
  people: ["enrol", "override"],
  marking: ["mark"],
  results: ["read_results"],
  preview: ["read_tests"],
};

/** The pages of a test for whoever may do this. */
export function pagesFor(acts: readonly string[]): Shown[] {
  return (Object.keys(NEEDS) as Shown[]).filter((page) => NEEDS[page].some((act) => acts.includes(act)));
}

/** From the midnight before `now_ms` to the one after it, in this device's zone. */
export function dayOf(now_ms: number): { from_ms: number; until_ms: number } {
  const midnight = new Date(now_ms);
  midnight.setHours(0, 0, 0, 0);
  const next = new Date(midnight);
  next.setDate(next.getDate() + 1);
  return { from_ms: midnight.getTime(), until_ms: next.getTime() - 1 };
}

/** Where the monitor shows a page of a test. `token`: it goes with the link, where the browser keeps nothing. Whoever marks and does not watch has no room. */
export function monitorLink(test_id: string, page: Shown, acts: readonly string[], token: string | null): string {
  const fields = new URLSearchParams({ test: test_id });
  if (page === "marking" && !acts.includes("watch")) fields.set("marking", "1");
  else if (page !== "room") fields.set("show", page);
  if (token !== null) fields.set("token", token);
  return `/monitor#${fields.toString()}`;
}

/** Rooms as a day runs: by when they open, and by title. A room without a window is sat now, and comes first. */
export function sortRooms(rooms: readonly RoomSummary[]): RoomSummary[] {
  const begins = ({ opens_at_ms, closes_at_ms }: RoomSummary): number => opens_at_ms ?? closes_at_ms ?? 0;
  return [...rooms].sort((a, b) => begins(a) - begins(b) || a.title.localeCompare(b.title) || (a.test_id < b.test_id ? -1 : 1));
}
