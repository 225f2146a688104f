import { describe, expect, it } from "vitest";
import { Known } from "../../src/core/known";
import { countByStatus, DEFAULT_VIEW, EVERYWHERE, isNewer, placesOf, Rows, select, type View } from "../../src/core/monitor";
import type { Row } from "../../src/generated/messages";
import { row } from "../made";

function filled(...rows: Row[]): Rows {
  const all = new Rows();
  all.roster({ t: "roster", part: 0, parts: 1, rows });
  return all;
}

const GRANTED = {
  extra_time_ms: 900_000,
  extra_time_permille: 0,
  unlimited_time: false,
  opens_at_ms: null,
  closes_at_ms: null,
  never_closes: false,
  pause_budget_ms: null,
  extra_attempts: 0,
};

const ids = (rows: readonly Row[]): string[] => rows.map(({ attempt_id }) => attempt_id);

describe("merging", () => {
  it("is by (seq, tick)", () => {
    expect(isNewer(row("a", { seq: 2 }), row("a", { seq: 1, tick: 9 }))).toBe(true);
    expect(isNewer(row("a", { tick: 1 }), row("a"))).toBe(true);
    expect(isNewer(row("a"), row("a"))).toBe(false);
  });

  it("does not depend on the order, nor on how often a row comes", () => {
    const news = [row("a", { seq: 3, answered: 3 }), row("a", { seq: 2, answered: 2 }), row("b", { tick: 4 })];
    for (const order of [news, [...news].reverse(), [...news, ...news]]) {
      const all = filled(row("a"), row("b"));
      for (const one of order) all.merge([one]);
      expect(all.get("a")?.answered).toBe(3);
      expect(all.get("b")?.tick).toBe(4);
    }
  });
});

describe("a roster", () => {
  it("takes away the rows that none of its parts names", () => {
    const all = filled(row("a"), row("b"), row("c"));
    all.roster({ t: "roster", part: 0, parts: 2, rows: [row("a")] });
    expect(all.all()).toHaveLength(3);
    all.roster({ t: "roster", part: 1, parts: 2, rows: [row("c")] });
    expect(ids(all.all())).toEqual(["a", "c"]);
  });

  it("keeps a row that came new while it was under way", () => {
    const all = filled(row("a"));
    all.roster({ t: "roster", part: 0, parts: 2, rows: [row("a")] });
    all.merge([row("new")]);
    all.roster({ t: "roster", part: 1, parts: 2, rows: [] });
    expect(ids(all.all())).toEqual(["a", "new"]);
  });

  it("after a new connection wins in the end over rows of a longer log: an older copy of the database was restored", () => {
    const all = filled(row("a", { seq: 9, tick: 50, connection: "online" }));
    all.restart();
    expect(all.complete).toBe(false);
    expect(all.all()).toHaveLength(1);
    all.roster({ t: "roster", part: 0, parts: 1, rows: [row("a", { seq: 8, tick: 2, connection: "offline" })] });
    expect(all.complete).toBe(true);
    expect(all.get("a")?.connection).toBe("online");
    all.believe();
    expect(all.get("a")?.connection).toBe("offline");
  });

  it("after a new connection to a node that is behind goes never back", () => {
    const all = filled(row("a", { seq: 9 }));
    all.restart();
    all.roster({ t: "roster", part: 0, parts: 1, rows: [row("a", { seq: 8 })] });
    all.merge([row("a", { seq: 9, tick: 1 })]);
    all.believe();
    expect(all.get("a")?.seq).toBe(9);
  });

  it("after a new connection wins over rows of as many records: a new server counts its ticks anew", () => {
    const all = filled(row("a", { seq: 9, tick: 50, connection: "online" }));
    all.restart();
    all.roster({ t: "roster", part: 0, parts: 1, rows: [row("a", { seq: 9, tick: 0, connection: "offline" })] });
    expect(all.get("a")?.connection).toBe("offline");
  });

  it("is shown as it comes the first time", () => {
    const all = new Rows();
    all.roster({ t: "roster", part: 0, parts: 2, rows: [row("a")] });
    expect(ids(all.all())).toEqual(["a"]);
  });
});

const shown = (rows: readonly Row[], view: View, now: number): Row[] => select(rows, view, new Known().look(rows), { now, heartbeat_ms: 10_000 });

describe("a part of the room", () => {
  const rows = [
    row("a", { section_id: "reading", branch_id: "north", user_id: "ada" }),
    row("b", { section_id: "writing", branch_id: "south", user_id: "bob" }),
    row("c", { section_id: null, branch_id: "north", user_id: "cy", status: "paused" }),
  ];
  const group = { group_id: "g", title: "Room 1", user_ids: new Set(["ada", "bob", "nobody"]) };
  const at = (place: Partial<View["place"]>, more: Partial<View> = {}): string[] =>
    ids(shown(rows, { ...DEFAULT_VIEW, ...more, place: { ...EVERYWHERE, ...place } }, 0));

  it("is a section, a branch, a group, and all that is said together", () => {
    expect(at({})).toEqual(["a", "b", "c"]);
    expect(at({ section: "reading" })).toEqual(["a"]);
    expect(at({ branch: "north" })).toEqual(["a", "c"]);
    expect(at({ group })).toEqual(["a", "b"]);
    expect(at({ group, branch: "north" })).toEqual(["a"]);
    expect(at({ branch: "north" }, { statuses: new Set(["paused"]) })).toEqual(["c"]);
    expect(at({ branch: "east" })).toEqual([]);
  });

  it("is offered where somebody is", () => {
    expect(placesOf(rows)).toEqual({ sections: ["reading", "writing"], branches: ["north", "south"] });
  });
});

describe("select", () => {
  const rows = [
    row("b", { name: "Bea", deadline_ms: 500, answered: 5 }),
    row("a", { name: "ada", deadline_ms: 900, status: "paused", answered: 9 }),
    row("c", { name: "", user_id: "cy", deadline_ms: null, left_ms: 100, answered: 1 }),
  ];

  it("sorts by name without regard to case, and by id where there is no name", () => {
    expect(ids(shown(rows, DEFAULT_VIEW, 0))).toEqual(["a", "b", "c"]);
    expect(ids(shown(rows, { ...DEFAULT_VIEW, descending: true }, 0))).toEqual(["c", "b", "a"]);
  });

  it("sorts by what is left, standing clocks too", () => {
    expect(ids(shown(rows, { ...DEFAULT_VIEW, sort: "left" }, 450))).toEqual(["b", "c", "a"]);
  });

  it("sorts by what is answered", () => {
    expect(ids(shown(rows, { ...DEFAULT_VIEW, sort: "answered", descending: true }, 0))).toEqual(["a", "b", "c"]);
  });

  it("finds every word in name or id, and the status chosen", () => {
    expect(ids(shown(rows, { ...DEFAULT_VIEW, text: " BE " }, 0))).toEqual(["b"]);
    expect(ids(shown(rows, { ...DEFAULT_VIEW, text: "cy user" }, 0))).toEqual([]);
    expect(ids(shown(rows, { ...DEFAULT_VIEW, statuses: new Set(["paused"]) }, 0))).toEqual(["a"]);
  });

  it("knows accents: in the search they make no difference, and in the order no jump", () => {
    const names = ["Zoe", "Émile", "Eva", "Østberg", "Łukasz", "Åsa", "Weiß"];
    const people = names.map((name) => row(name, { name }));
    const find = (text: string): string[] => ids(shown(people, { ...DEFAULT_VIEW, text }, 0));
    expect(find("emile")).toEqual(["Émile"]);
    expect(find("E\u0301mile")).toEqual(["Émile"]);
    expect(find("ostberg")).toEqual(["Østberg"]);
    expect(find("LUKASZ")).toEqual(["Łukasz"]);
    expect(find("weiss")).toEqual(["Weiß"]);
    const order = find("");
    expect(order.indexOf("Émile")).toBeLessThan(order.indexOf("Eva"));
    expect(order.indexOf("Åsa")).toBeLessThan(order.indexOf("Zoe"));
    expect(ids(shown(people, { ...DEFAULT_VIEW, descending: true }, 0))).toEqual([...order].reverse());
  });

  it("sorts numbers in names as numbers", () => {
    const seats = ["Seat 10", "Seat 9"].map((name) => row(name, { name }));
    expect(ids(shown(seats, DEFAULT_VIEW, 0))).toEqual(["Seat 9", "Seat 10"]);
  });

  it("shows those alone who concern staff", () => {
    const people = [
      row("there", { hand: "raised" }),
      row("heard", { hand: "acknowledged" }),
      row("gone", { connection: "offline" }),
      row("who knows", { connection: "unknown" }),
      row("done", { status: "submitted", connection: "offline" }),
      row("waits", { status: "initiated", admission: "waiting" }),
      row("has not come", { status: "initiated", admission: "waiting", connection: "offline" }),
      row("let in", { status: "initiated", admission: "admitted" }),
      row("forgotten", { status: "paused", forgotten_since_ms: 1 }),
      row("g", { accommodation: GRANTED }),
    ];
    expect(ids(shown(people, { ...DEFAULT_VIEW, concern: "forgotten" }, 0))).toEqual(["forgotten"]);
    expect(ids(shown(people, { ...DEFAULT_VIEW, concern: "waiting" }, 0))).toEqual(["waits"]);
    expect(ids(shown(people, { ...DEFAULT_VIEW, concern: "away" }, 0))).toEqual(["gone", "who knows"]);
    expect(ids(shown(people, { ...DEFAULT_VIEW, concern: "hands" }, 0))).toEqual(["there"]);
    expect(ids(shown(people, { ...DEFAULT_VIEW, concern: "granted" }, 0))).toEqual(["g"]);
  });

  it("leaves the rows as they were", () => {
    shown(rows, { ...DEFAULT_VIEW, sort: "left" }, 0);
    expect(ids(rows)).toEqual(["b", "a", "c"]);
  });
});

it("counts by status", () => {
  expect([...countByStatus([row("a"), row("b"), row("c", { status: "paused" })])]).toEqual([
    ["in_progress", 2],
    ["paused", 1],
  ]);
});
