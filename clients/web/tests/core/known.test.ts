import { describe, expect, it } from "vitest";
import { Known } from "../../src/core/known";
import { row } from "../made";

const names = (...all: string[]) => all.map((name, at) => row(`a${at}`, { name, user_id: `user-${at}` }));

describe("what is known of the rows of a room", () => {
  it("is the order of their names, however they came", () => {
    const known = new Known();
    const rows = names("Cy", "Ada", "Dee", "Bea", "Ada");
    known.look(rows.slice(0, 2));
    known.look(rows.slice(0, 4));
    known.look(rows);
    const sorted = (): (string | undefined)[] => [...rows].sort((a, b) => known.rank(a) - known.rank(b)).map(({ attempt_id }) => attempt_id);
    expect(sorted()).toEqual(["a1", "a4", "a3", "a0", "a2"]);
    rows[1] = row("a1", { name: "Zoe", user_id: "user-1" });
    known.look(rows);
    expect(sorted()).toEqual(["a4", "a3", "a0", "a2", "a1"]);
    expect(known.text(rows[1])).toContain("zoe");
  });

  it("forgets whoever has gone", () => {
    const known = new Known();
    const rows = [row("a", { user_id: "Ada" }), row("b", { user_id: "ada" }), row("c", { user_id: "cy" })];
    known.look(rows);
    expect(known.lookalikes.get("ada")).toEqual(["Ada"]);
    known.look(rows.slice(1));
    expect(known.lookalikes.size).toBe(0);
    expect(rows.slice(1).map((one) => known.rank(one))).toEqual([0, 1]);
  });

  it("is not worked out anew for what else changes", () => {
    const known = new Known();
    const rows = names("Ada", "Bea");
    const { lookalikes } = known.look(rows);
    known.look(rows.map((one) => ({ ...one, seq: one.seq + 1, answered: 3 })));
    expect(known.lookalikes).toBe(lookalikes);
  });
});
