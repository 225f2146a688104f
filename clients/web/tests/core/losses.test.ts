import { describe, expect, it } from "vitest";
import { byTime, shareOf } from "../../src/core/incidents";
import { Losses, TOGETHER_MS } from "../../src/core/losses";
import { countRoster, ROSTER, whereaboutOf, type Whereabout } from "../../src/core/roster";
import type { Row } from "../../src/generated/messages";
import { row } from "../made";

const NOW = 10_000_000;

class Room {
  readonly rows = new Map<string, Row>();
  readonly losses = new Losses();

  constructor(count: number) {
    for (let at = 0; at < count; at += 1) this.set(`a${at}`, { last_seen_ms: NOW });
  }

  set(id: string, more: Partial<Row>): void {
    this.rows.set(id, { ...(this.rows.get(id) ?? row(id)), ...more });
  }

  look(now: number): this {
    this.losses.look([...this.rows.values()], now);
    return this;
  }

  get groups(): ReturnType<Losses["groups"]> {
    return this.losses.groups((id) => this.rows.get(id));
  }

  /** So many are last heard of so long after NOW, one after the other. */
  lose(count: number, step_ms: number, more: Partial<Row> = {}): void {
    for (let at = 0; at < count; at += 1) this.set(`a${at}`, { connection: "offline", last_seen_ms: NOW + at * step_ms, ...more });
  }
}

describe("a group that loses its connection", () => {
  it("is told with what each of them lost, once they are back", () => {
    const room = new Room(20).look(NOW);
    room.lose(6, 1_000);
    room.look(NOW + 60_000);
    expect(room.groups).toMatchObject([{ from_ms: NOW, last_ms: NOW + 5_000, away: 6, lost: [] }]);
    room.set("a0", { connection: "online" });
    room.look(NOW + 90_000);
    room.set("a1", { connection: "online" });
    room.look(NOW + 150_000);
    const [group] = room.groups;
    expect(group!.away).toBe(4);
    expect(group!.lost.map(({ attempt_id, lost_ms }) => [attempt_id, lost_ms])).toEqual([["a0", 90_000], ["a1", 149_000]]);
    expect(byTime(group!.lost.map(shareOf))).toEqual(new Map([[120_000, ["a0"]], [180_000, ["a1"]]]));
  });

  it.each([
    ["too few", 4, 0, 20],
    ["too small a share of those who sit", 9, 0, 1_000],
    ["too far apart", 5, TOGETHER_MS, 20],
  ])("is none where they are %s", (_, count, step_ms, sitting) => {
    const room = new Room(sitting);
    room.lose(count, step_ms);
    expect(room.look(NOW + 200_000).groups).toEqual([]);
  });

  it("is none where the clock stands, nor of those who have ended", () => {
    const room = new Room(20);
    room.lose(6, 0, { status: "paused", pause: "connection" });
    expect(room.look(NOW + 60_000).groups).toEqual([]);
    room.lose(6, 0, { status: "in_progress" });
    expect(room.look(NOW + 60_000).groups.length).toBe(1);
    room.lose(6, 0, { status: "expired" });
    expect(room.look(NOW + 61_000).groups).toEqual([]);
  });

  it("has had time since: nobody is given it twice unasked", () => {
    const room = new Room(20);
    room.lose(5, 0);
    room.look(NOW + 60_000);
    for (let at = 0; at < 5; at += 1) room.set(`a${at}`, { connection: "online", act: { kind: "extended", at_ms: NOW + 61_000, ms: 60_000 } });
    const [group] = room.look(NOW + 60_000).groups;
    expect(group!.lost.map(shareOf).filter(({ chosen }) => chosen)).toEqual([]);
  });

  it("has had time before somebody did something else, too", () => {
    const room = new Room(20);
    room.lose(5, 0);
    room.look(NOW + 60_000);
    for (let at = 0; at < 5; at += 1) room.set(`a${at}`, { connection: "online", act: { kind: "extended", at_ms: NOW + 61_000, ms: 60_000 } });
    room.look(NOW + 61_000).look(NOW + 62_000);
    for (let at = 0; at < 5; at += 1) room.set(`a${at}`, { act: { kind: "hand_acknowledged", at_ms: NOW + 63_000, ms: null } });
    const [group] = room.look(NOW + 64_000).groups;
    expect(group!.lost.map(({ given_ms }) => given_ms)).toEqual(Array(5).fill(60_000));
  });
});

describe("the roster", () => {
  it.each<[Whereabout, Partial<Row>]>([
    ["expected", { status: "initiated", connection: "offline" }],
    ["waiting", { status: "initiated", admission: "waiting" }],
    ["working", {}],
    ["disconnected", { connection: "offline" }],
    ["disconnected", { status: "paused", pause: "connection" }],
    ["paused", { status: "paused", pause: "staff" }],
    ["submitted", { status: "completed" }],
    ["absent", { status: "absent" }],
    ["void", { status: "cancelled" }],
  ])("has %s", (where, more) => {
    expect(whereaboutOf(row("a", more))).toBe(where);
  });

  it("counts everybody once", () => {
    const rows = ["initiated", "in_progress", "paused", "expired", "absent", "abandoned"].map((status) => row(status, { status }));
    const counts = countRoster(rows);
    expect(ROSTER.reduce((sum, one) => sum + counts[one], 0)).toBe(rows.length);
  });
});
