import { describe, expect, it } from "vitest";
import { DEFAULT_VIEW, EVERYWHERE } from "../../src/core/monitor";
import { newEnds, overviewOf } from "../../src/core/overview";
import { countRoster, listsExpected, withExpected } from "../../src/core/roster";
import { row } from "../made";

const moment = { now: 100, heartbeat_ms: 10_000 };

it("counts whoever is enrolled and has not come as expected, and as absent once the test has closed", () => {
  const counts = countRoster([row("a", { status: "initiated" }), row("b", { status: "absent" })]);
  expect([withExpected(counts, 3, false), withExpected(counts, 3, true)]).toMatchObject([
    { expected: 4, absent: 1 },
    { expected: 1, absent: 4 },
  ]);
});

describe("a room in one line", () => {
  it("ends with the last clock that runs, and says how many stand", () => {
    const rows = [
      row("a", { deadline_ms: 900, answered: 10 }),
      row("b", { deadline_ms: 700, answered: 5 }),
      row("c", { status: "paused", deadline_ms: null, left_ms: 50, answered: 0 }),
      row("d", { status: "submitted", deadline_ms: null, answered: 10 }),
    ];
    expect(overviewOf(rows, moment)).toEqual({ ends_at_ms: 900, standing: 1, progress: 0.5, urgent: 0 });
  });

  it("counts whoever needs somebody once", () => {
    const rows = [row("a", { hand: "raised", connection: "offline" }), row("b", { lost_records: 1 }), row("c")];
    expect(overviewOf(rows, moment).urgent).toBe(2);
  });

  it("has no end and no progress where nobody sits", () => {
    expect(overviewOf([row("a", { status: "initiated" })], moment)).toEqual({ ends_at_ms: null, standing: 0, progress: null, urgent: 0 });
  });
});

describe("the new ends", () => {
  it("are those of the clocks that run; others are counted", () => {
    const rows = [
      row("a", { deadline_ms: 900 }),
      row("b", { deadline_ms: 700 }),
      row("c", { status: "paused", deadline_ms: null, left_ms: 50 }),
      row("collected", { deadline_ms: 100 }),
      row("done", { status: "submitted" }),
    ];
    expect(newEnds(rows, 100, 100)).toEqual({ first_ms: 800, last_ms: 1000, standing: 1 });
  });

  it("are not told where no clock runs, or no time is typed", () => {
    expect(newEnds([row("a", { deadline_ms: null })], 100, 0)).toBeNull();
    expect(newEnds([row("a")], NaN, 0)).toBeNull();
  });
});

it("lists whoever has not come where no filter asks for what only a row says", () => {
  expect(listsExpected(DEFAULT_VIEW, false)).toBe(true);
  expect(listsExpected({ ...DEFAULT_VIEW, where: "expected" }, false)).toBe(true);
  expect(listsExpected({ ...DEFAULT_VIEW, where: "expected" }, true)).toBe(false);
  expect(listsExpected({ ...DEFAULT_VIEW, where: "absent" }, true)).toBe(true);
  for (const less of [{ statuses: new Set(["paused"] as const) }, { concern: "away" as const }, { where: "working" as const }, { place: { ...EVERYWHERE, section: "a" } }]) {
    expect(listsExpected({ ...DEFAULT_VIEW, ...less }, false)).toBe(false);
  }
});
