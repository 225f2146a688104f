import { describe, expect, it } from "vitest";
import { COLUMNS, columnsAt, DEFAULT_COLUMNS, gridOf, isDefault, movedColumn, readColumns, toggledColumn, type Column } from "../../src/core/columns";

const chosen: readonly Column[] = ["name", "status", "left", "user"];

describe("the columns of a list", () => {
  it("come and go, but for the name", () => {
    expect(toggledColumn(chosen, "left")).toEqual(["name", "status", "user"]);
    expect(toggledColumn(chosen, "score")).toEqual([...chosen, "score"]);
    expect(toggledColumn(chosen, "name")).toEqual(chosen);
  });

  it("move one place, and never before the name", () => {
    expect(movedColumn(chosen, "left", -1)).toEqual(["name", "left", "status", "user"]);
    expect(movedColumn(chosen, "left", 1)).toEqual(["name", "status", "user", "left"]);
    for (const [column, by] of [["status", -1], ["user", 1], ["name", 1], ["score", 1]] as const) expect(movedColumn(chosen, column, by)).toEqual(chosen);
  });

  it("are read with the name in front, each once, without what nobody knows", () => {
    expect(readColumns("left,shoe,name,left,constructor")).toEqual(["name", "left"]);
    expect(readColumns("")).toEqual(["name"]);
    expect(readColumns(COLUMNS.join(","))).toEqual(COLUMNS);
  });

  it("are fewer where there is no room, unless somebody has chosen them", () => {
    expect(columnsAt("desk", DEFAULT_COLUMNS)).toBe(DEFAULT_COLUMNS);
    expect(columnsAt("tablet", DEFAULT_COLUMNS)).toHaveLength(6);
    expect(columnsAt("tablet", chosen)).toBe(chosen);
    expect(columnsAt("phone", chosen)).toContain("connection");
    expect([isDefault(DEFAULT_COLUMNS), isDefault(chosen)]).toEqual([true, false]);
  });

  it("fit a tablet as they are without a choice", () => {
    expect(parseFloat(gridOf(columnsAt("tablet", DEFAULT_COLUMNS)).least)).toBeLessThan(47.5);
    expect(parseFloat(gridOf(DEFAULT_COLUMNS).least)).toBeLessThan(73.75);
  });

  it("have a track each, and one for the button of the row", () => {
    const { columns, printed } = gridOf(chosen);
    expect(columns).toBe("minmax(8rem, 2.2fr) minmax(6rem, 1fr) 5.5rem minmax(8rem, 1fr) 2.75rem");
    expect(printed.match(/minmax/g)).toHaveLength(chosen.length);
  });
});
