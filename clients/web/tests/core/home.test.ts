/** What the home page of staff works out. */

import { describe, expect, it } from "vitest";
import { dayOf, monitorLink, pagesFor, sortRooms } from "../../src/core/home";
import type { RoomSummary } from "../../src/generated/rest";

const room = (test_id: string, opens_at_ms: number | null, closes_at_ms: number | null = null): RoomSummary => ({
  test_id, title: test_id, opens_at_ms, closes_at_ms, expected: 0, waiting: 0, in_progress: 0, paused: 0, ended: 0, absent: 0, cancelled: 0,
});

describe("the home page of staff", () => {
  it("has a day from midnight to midnight, also where a clock is changed in it", () => {
    for (const at of [new Date(2026, 10, 28, 0, 0), new Date(2026, 10, 28, 23, 59), new Date(2026, 9, 25, 12)]) {
      const { from_ms, until_ms } = dayOf(at.getTime());
      expect([new Date(from_ms).toDateString(), new Date(until_ms).toDateString()]).toEqual([at.toDateString(), at.toDateString()]);
      expect(new Date(until_ms + 1).getHours()).toBe(0);
    }
  });

  it("offers the pages that somebody's rights open", () => {
    expect(pagesFor(["watch", "message"])).toEqual(["room"]);
    expect(pagesFor(["mark", "read_answers"])).toEqual(["marking"]);
    expect(pagesFor(["read_tests", "read_results", "mark", "override", "watch"])).toEqual(["room", "people", "marking", "results", "preview"]);
  });

  it("leads to the desk whoever marks without watching, and carries a token only where it must", () => {
    expect(monitorLink("maths 1", "room", ["watch"], null)).toBe("/monitor#test=maths+1");
    expect(monitorLink("m", "marking", ["mark"], null)).toBe("/monitor#test=m&marking=1");
    expect(monitorLink("m", "marking", ["mark", "watch"], "a.b")).toBe("/monitor#test=m&show=marking&token=a.b");
  });

  it("has rooms in the order in which they open, those without a window first", () => {
    expect(sortRooms([room("late", 9), room("b", 5), room("a", 5), room("closing", null, 7), room("always", null)]).map(({ test_id }) => test_id)).toEqual(["always", "a", "b", "closing", "late"]);
  });
});
