import { describe, expect, it } from "vitest";
import { steady } from "../../src/core/steady";
import { row } from "../made";

const ids = (rows: readonly { attempt_id: string }[]): string => rows.map(({ attempt_id }) => attempt_id).join("");
const rows = (names: string, more = {}) => [...names].map((name) => row(name, more));

describe("a list under somebody's finger", () => {
  const known = new Map(rows("abcdn", { answered: 5 }).map((one) => [one.attempt_id, one]));
  const get = (id: string) => known.get(id);

  it("keeps its order, with what the rows say now", () => {
    const { rows: drawn, held, unfit } = steady(rows("abc"), rows("cab", { answered: 5 }), get);
    expect([ids(drawn), held, unfit.size]).toEqual(["abc", true, 0]);
    expect(drawn.every(({ answered }) => answered === 5)).toBe(true);
  });

  it("has what is new at its end", () => {
    expect(ids(steady(rows("abc"), rows("nabc"), get).rows)).toBe("abcn");
  });

  it("keeps the place of whoever no longer fits, and marks her", () => {
    const { rows: drawn, unfit, held } = steady(rows("abc"), rows("ac"), get);
    expect([ids(drawn), [...unfit], held]).toEqual(["abc", ["b"], true]);
  });

  it("lets go of an attempt that is gone", () => {
    expect(steady(rows("axc"), rows("ac"), get)).toMatchObject({ held: false });
  });

  it("holds nothing where nothing has moved", () => {
    expect(steady(rows("abc"), rows("abc"), get).held).toBe(false);
    expect(steady([], rows("abc"), get).held).toBe(false);
  });
});
