import { describe, expect, it } from "vitest";
import { announcementsOf, hallOf } from "../../src/core/hall";
import type { BulkReply } from "../../src/generated/rest";
import { row } from "../made";

const MINUTE = 60_000;

describe("a room on a wall", () => {
  it("says when the clocks of most end, and the last one", () => {
    const rows = [
      row("a", { deadline_ms: 30 * MINUTE }),
      row("b", { deadline_ms: 30 * MINUTE + 900 }),
      row("more time", { deadline_ms: 45 * MINUTE }),
      row("stands", { status: "paused", deadline_ms: null, left_ms: 5 }),
      row("ended", { status: "submitted", deadline_ms: 60 * MINUTE }),
      row("not begun", { status: "initiated", deadline_ms: null }),
      row("void", { status: "cancelled" }),
      row("collected", { deadline_ms: MINUTE }),
    ];
    expect(hallOf(rows, 2 * MINUTE)).toEqual({ usual_ms: 30 * MINUTE + 900, last_ms: 45 * MINUTE, standing: 1, sitting: 4, everybody: 7 });
  });

  it("takes the later of two ends that as many have", () => {
    const rows = [row("a", { deadline_ms: 9 * MINUTE }), row("b", { deadline_ms: 5 * MINUTE })];
    expect(hallOf(rows, 0).usual_ms).toBe(9 * MINUTE);
  });

  it("has no end where no clock runs", () => {
    expect(hallOf([row("a", { deadline_ms: null })], 0)).toEqual({ usual_ms: null, last_ms: null, standing: 0, sitting: 1, everybody: 1 });
  });
});

describe("announcements", () => {
  const act = (more: Partial<BulkReply>): BulkReply => ({
    bulk_id: "b",
    test_id: "t",
    command: "message",
    reason: "Windows open",
    by: "grace",
    role: "instructor",
    status: "ended",
    total: 10,
    done: 10,
    refused: 0,
    created_at_ms: 1,
    ended_at_ms: 2,
    ...more,
  });

  it("are messages to the room, and not to a few of it", () => {
    const acts = [act({}), act({ total: 4, reason: "Ada, come to the desk" }), act({ command: "pause", reason: "fire" }), act({ created_at_ms: 9, reason: "Ten minutes" })];
    expect(announcementsOf(acts, 10)).toEqual([
      { at_ms: 9, text: "Ten minutes" },
      { at_ms: 1, text: "Windows open" },
    ]);
  });

  it("are the three newest", () => {
    const acts = [1, 2, 3, 4].map((created_at_ms) => act({ created_at_ms }));
    expect(announcementsOf(acts, 10).map(({ at_ms }) => at_ms)).toEqual([4, 3, 2]);
  });
});
