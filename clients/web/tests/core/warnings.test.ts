import { describe, expect, it } from "vitest";
import { Warnings } from "../../src/core/warnings";
import { clock } from "../made";

const MINUTE_MS = 60_000;
const END = 100 * MINUTE_MS;

/** Five minutes and one minute before the end, as known at `now`. */
function warnings(now = 0): Warnings {
  const made = new Warnings();
  made.rules([5 * MINUTE_MS, MINUTE_MS]);
  made.clocks([clock(END)], now);
  return made;
}

describe("a warning that nobody pushes", () => {
  it("is due when the time that the test names is left, once", () => {
    const known = warnings();
    expect(known.next(false)).toBe(END - 5 * MINUTE_MS);
    expect(known.due(END - 5 * MINUTE_MS - 1, false)).toBeNull();
    expect(known.due(END - 5 * MINUTE_MS, false)).toEqual({ left_ms: 5 * MINUTE_MS, deadline_ms: END, scope: "test", of: null });
    expect(known.due(END - 4 * MINUTE_MS, false)).toBeNull();
    expect(known.next(false)).toBe(END - MINUTE_MS);
  });

  it("leaves a live server the time to say it first", () => {
    const known = warnings();
    expect(known.due(END - MINUTE_MS * 5 + 2_999, true)).toBeNull();
    expect(known.due(END - MINUTE_MS * 5 + 3_000, true)).not.toBeNull();
  });

  it("is the last one alone where several were slept through", () => {
    const known = warnings();
    expect(known.due(END - 30_000, false)).toEqual({ left_ms: MINUTE_MS, deadline_ms: END, scope: "test", of: null });
    expect(known.next(false)).toBeNull();
  });

  it("is not given when time is up", () => {
    expect(warnings().due(END, false)).toBeNull();
  });

  it("that was past when the page opened is not given", () => {
    expect(warnings(END - 2 * MINUTE_MS).next(false)).toBe(END - MINUTE_MS);
  });
});

describe("a pushed warning", () => {
  it("is not said again", () => {
    const known = warnings();
    expect(known.pushed({ left_ms: 5 * MINUTE_MS, deadline_ms: END, scope: "test", of: null })).toBe(true);
    expect(known.next(true)).toBe(END - MINUTE_MS + 3_000);
    expect(known.pushed({ left_ms: MINUTE_MS, deadline_ms: END, scope: "test", of: null })).toBe(true);
    expect(known.next(true)).toBeNull();
  });

  it("that a welcome repeats is news only to a page that did not say it", () => {
    const known = warnings();
    expect(known.due(END - MINUTE_MS, false)).toEqual({ left_ms: MINUTE_MS, deadline_ms: END, scope: "test", of: null });
    expect(known.pushed({ left_ms: 5 * MINUTE_MS, deadline_ms: END, scope: "test", of: null })).toBe(false);
    expect(known.pushed({ left_ms: MINUTE_MS, deadline_ms: END, scope: "test", of: null })).toBe(false);
    // Extended and warned of again, both while the page was away.
    known.clocks([clock(END + 10 * MINUTE_MS)], END + 9 * MINUTE_MS + 1);
    expect(known.pushed({ left_ms: MINUTE_MS, deadline_ms: END + 10 * MINUTE_MS, scope: "test", of: null })).toBe(true);
  });
});

describe("another deadline", () => {
  it("brings those that lie ahead of it again", () => {
    const known = warnings();
    known.pushed({ left_ms: MINUTE_MS, deadline_ms: END, scope: "test", of: null });
    known.clocks([clock(END + 10 * MINUTE_MS)], END - MINUTE_MS);
    expect(known.next(false)).toBe(END + 5 * MINUTE_MS);
  });

  it("may be none: the clock stands, or has no end", () => {
    const known = warnings();
    known.clocks([clock(null)], 0);
    expect([known.next(false), known.due(END, false)]).toEqual([null, null]);
  });
});

describe("the clock of a section", () => {
  const section = (deadline_ms: number | null, of = "s1") => clock(deadline_ms, { scope: "section", of });

  it("warns for itself, the more urgent first", () => {
    const known = new Warnings();
    known.rules([5 * MINUTE_MS]);
    known.clocks([clock(END), section(END - 2 * MINUTE_MS)], 0);
    expect(known.next(false)).toBe(END - 7 * MINUTE_MS);
    expect(known.due(END - 7 * MINUTE_MS, false)).toMatchObject({ scope: "section", of: "s1", deadline_ms: END - 2 * MINUTE_MS });
    expect(known.next(false)).toBe(END - 5 * MINUTE_MS);
  });

  it("is silent once another section is open", () => {
    const known = new Warnings();
    known.rules([5 * MINUTE_MS]);
    known.clocks([section(END)], 0);
    known.clocks([section(2 * END, "s2")], 0);
    expect(known.next(false)).toBe(2 * END - 5 * MINUTE_MS);
  });

  it("of a question gives none", () => {
    const known = new Warnings();
    known.rules([5 * MINUTE_MS]);
    known.clocks([clock(END, { scope: "question", of: "q1" })], 0);
    expect(known.next(false)).toBeNull();
  });
});
