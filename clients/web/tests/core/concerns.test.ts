import { describe, expect, it } from "vitest";
import { CONCERNS, concernsStaff, countConcerns, IDLE_MS, SOON_MS, type Concern } from "../../src/core/concerns";
import type { Row } from "../../src/generated/messages";
import { row } from "../made";

const NOW = 10 * IDLE_MS;
const moment = { now: NOW, heartbeat_ms: 10_000 };
const later = NOW + 2 * SOON_MS;

function sitting(more: Partial<Row>): Row {
  return row("a", { deadline_ms: later, last_seen_ms: NOW, worked_ms: NOW, ...more });
}

const of = (more: Partial<Row>): Concern[] => (Object.keys(CONCERNS) as Concern[]).filter((concern) => concernsStaff(concern, sitting(more), moment));

describe("who concerns staff", () => {
  it("is nobody who works", () => {
    expect(of({})).toEqual([]);
  });

  it.each<[Concern, Partial<Row>]>([
    ["hands", { hand: "raised" }],
    ["waiting", { status: "initiated", admission: "waiting" }],
    ["away", { connection: "offline" }],
    ["quiet", { last_seen_ms: NOW - 15_001, worked_ms: NOW - 2 * IDLE_MS }],
    ["forgotten", { status: "paused", forgotten_since_ms: 1 }],
    ["lost", { lost_records: 2 }],
    ["soon", { deadline_ms: NOW + SOON_MS }],
    ["idle", { worked_ms: NOW - IDLE_MS - 1 }],
    ["unheard", { act: { kind: "paused", at_ms: NOW, ms: null } }],
    ["unread", { message: "delivered" }],
    ["warned", { warnings: [] }],
  ])("%s", (concern, more) => {
    expect(of(more)).toEqual([concern]);
  });

  it("is whoever staff were alerted of, until one of them has said that she saw it", () => {
    const alerted = (...at: (number | null)[]): Row =>
      sitting({ signals: at.map((alerted_at_ms) => ({ signal: "page_hidden", count: 3, size: 0, at_ms: NOW, alerts: alerted_at_ms === null ? 0 : 1, alerted_at_ms })) });
    const counts = (one: Row, seen?: ReadonlyMap<string, number>): boolean => concernsStaff("alerted", one, seen === undefined ? moment : { ...moment, seen });
    expect(counts(alerted(null))).toBe(false);
    expect(counts(alerted(5, null))).toBe(true);
    expect(counts(alerted(5, 9), new Map([["a", 9]]))).toBe(false);
    expect(counts(alerted(5, 9), new Map([["a", 8]]))).toBe(true);
    expect(counts(alerted(5), new Map([["b", 9]]))).toBe(true);
    expect(counts({ ...alerted(5), status: "completed" })).toBe(false);
    // Her clock stands until somebody lets it run again, seen or not.
    expect(counts({ ...alerted(5), status: "paused", pause: "integrity" }, new Map([["a", 5]]))).toBe(true);
  });

  it("is not idle where the server does not say, nor soon where the paper is being collected", () => {
    expect(of({ worked_ms: null })).toEqual([]);
    expect(of({ deadline_ms: NOW })).toEqual([]);
  });
});

it("is counted by concern", () => {
  const counts = countConcerns([sitting({ hand: "raised" }), sitting({ connection: "offline" }), sitting({ connection: "unknown" })], moment);
  expect(counts).toMatchObject({ hands: 1, away: 2, quiet: 0, idle: 0 });
});
