import { describe, expect, it } from "vitest";
import { hasHeard, isCollecting, lastContact, leftOf, quietMs } from "../../src/core/row";
import { row } from "../made";

const at = (now: number): { now: number; heartbeat_ms: number } => ({ now, heartbeat_ms: 10_000 });

it("knows what is left on each clock", () => {
  expect(leftOf(row("a", { deadline_ms: 900 }), 400)).toBe(500);
  expect(leftOf(row("a", { deadline_ms: 900 }), 1000)).toBe(0);
  expect(leftOf(row("a", { deadline_ms: null, left_ms: 7 }), 0)).toBe(7);
  expect(leftOf(row("a", { deadline_ms: null }), 0)).toBeNull();
});

it("knows that the last answers are being taken", () => {
  expect(isCollecting(row("a", { deadline_ms: 900 }), 899)).toBe(false);
  expect(isCollecting(row("a", { deadline_ms: 900 }), 900)).toBe(true);
  expect(isCollecting(row("a", { deadline_ms: null }), 900)).toBe(false);
  expect(isCollecting(row("a", { deadline_ms: 900, status: "expired" }), 900)).toBe(false);
});

describe("the last contact", () => {
  it("is what a node remembers, to the beat", () => {
    expect(lastContact(row("a", { last_seen_ms: 9, heard_ms: 5 }))).toEqual({ at_ms: 9, at_most: false });
    expect(lastContact(row("a", { last_seen_ms: 9 }))).toEqual({ at_ms: 9, at_most: false });
  });

  it("is that of the log where no node remembers, and marked so", () => {
    expect(lastContact(row("a", { heard_ms: 5 }))).toEqual({ at_ms: 5, at_most: true });
    expect(lastContact(row("a"))).toBeNull();
  });
});

describe("quiet", () => {
  it("is a connection that should have beaten by now", () => {
    const here = row("a", { last_seen_ms: 100_000 });
    expect(quietMs(here, at(115_000))).toBeNull();
    expect(quietMs(here, at(115_001))).toBe(15_001);
    expect(quietMs(here, { now: 115_001, heartbeat_ms: 60_000 })).toBeNull();
  });

  it("is not said of whoever is known to be offline", () => {
    expect(quietMs(row("a", { last_seen_ms: 0, connection: "offline" }), at(99_000))).toBeNull();
  });
});

describe("an act of staff", () => {
  const act = { kind: "extended", at_ms: 50_000, ms: 300_000 };

  it("has reached a page that was heard of after it", () => {
    expect(hasHeard(row("a", { act, last_seen_ms: 49_000 }))).toBe(false);
    expect(hasHeard(row("a", { act, last_seen_ms: 51_000 }))).toBe(false);
    expect(hasHeard(row("a", { act, last_seen_ms: 52_000 }))).toBe(true);
  });

  it("does not look done for somebody offline, and is no matter after the end", () => {
    expect(hasHeard(row("a", { act, connection: "offline", heard_ms: 10_000 }))).toBe(false);
    expect(hasHeard(row("a", { act }))).toBe(false);
    expect(hasHeard(row("a", { act, status: "submitted" }))).toBeNull();
    expect(hasHeard(row("a"))).toBeNull();
  });
});
