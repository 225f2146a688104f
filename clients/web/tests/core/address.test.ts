import { describe, expect, it } from "vitest";
import { ROSTER } from "../../src/core/roster";
import { readView, withView } from "../../src/core/address";
import { CONCERNS, type Concern } from "../../src/core/concerns";
import { COLUMNS, DEFAULT_COLUMNS } from "../../src/core/columns";
import { DEFAULT_VIEW, EVERYWHERE, type View } from "../../src/core/monitor";
import { STATUSES } from "../../src/core/ranks";

const fields = (text = ""): URLSearchParams => new URLSearchParams(text);
const again = (view: View): View => readView(fields(withView(fields(), view).toString()));

describe("a view in the address", () => {
  it("comes back as it was", () => {
    const group = { group_id: "lab & 3", title: "lab & 3", user_ids: new Set<string>() };
    for (const sort of COLUMNS)
      for (const descending of [false, true])
        for (const concern of [null, ...(Object.keys(CONCERNS) as Concern[])]) {
          const view = { ...DEFAULT_VIEW, sort, descending, concern, statuses: new Set(STATUSES.slice(0, 2)), place: { section: "a#b", branch: "c=d", group } };
          expect(again(view)).toEqual(view);
        }
  });

  it("keeps where those are who are shown", () => {
    for (const where of [null, ...ROSTER]) expect(again({ ...DEFAULT_VIEW, where })).toEqual({ ...DEFAULT_VIEW, where });
    expect(readView(fields("where=constructor"))).toEqual(DEFAULT_VIEW);
  });

  it("is told only where it differs, and leaves the other fields alone", () => {
    expect(withView(fields("test=exam"), DEFAULT_VIEW).toString()).toBe("test=exam");
    const narrowed = withView(fields("test=exam"), { ...DEFAULT_VIEW, sort: "left", place: { ...EVERYWHERE, branch: "north" } });
    expect(narrowed.toString()).toBe("test=exam&sort=left&branch=north");
    expect(withView(narrowed, DEFAULT_VIEW).toString()).toBe("test=exam");
  });

  it("names the columns and their order; else those of the device are shown", () => {
    const view: View = { ...DEFAULT_VIEW, columns: ["name", "left", "user"] };
    expect(withView(fields(), view).toString()).toBe("columns=name%2Cleft%2Cuser");
    expect(again(view)).toEqual(view);
    expect(readView(fields(), ["name", "act"]).columns).toEqual(["name", "act"]);
    expect(readView(fields("columns=status,shoe,left,status"), ["name"]).columns).toEqual(["name", "status", "left"]);
    expect(readView(fields()).columns).toBe(DEFAULT_COLUMNS);
  });

  it("has no name that was searched for", () => {
    expect(withView(fields(), { ...DEFAULT_VIEW, text: "Ada" }).toString()).toBe("");
  });

  it("passes over what nobody knows", () => {
    expect(readView(fields("sort=shoe&status=asleep&only=constructor&group=&section="))).toEqual(DEFAULT_VIEW);
  });
});
