import { describe, expect, it } from "vitest";
import { DEFAULT_VIEW, EVERYWHERE, type View } from "../../src/core/monitor";
import { nameOf, recalledViews, viewOf, withNamed } from "../../src/core/views";

const away: View = { ...DEFAULT_VIEW, sort: "seen", concern: "away", columns: ["name", "seen"], place: { ...EVERYWHERE, section: "a & b" } };

describe("views with names", () => {
  it("come back as they were, without what was searched for", () => {
    const views = withNamed([], " Offline ", { ...away, text: "Ada" });
    expect(views.map(({ name }) => name)).toEqual(["Offline"]);
    expect(viewOf(views[0]!)).toEqual(away);
    expect(recalledViews(JSON.stringify(views))).toEqual(views);
  });

  it("take the place of one of the same name", () => {
    const views = withNamed(withNamed(withNamed([], "one", away), "two", DEFAULT_VIEW), "one", DEFAULT_VIEW);
    expect(views.map(({ name }) => name)).toEqual(["one", "two"]);
    expect(viewOf(views[0]!)).toEqual(DEFAULT_VIEW);
  });

  it("are known by what they show", () => {
    const views = withNamed([], "Offline", away);
    expect(nameOf(views, { ...away, text: "Bob" })).toBe("Offline");
    expect(nameOf(views, DEFAULT_VIEW)).toBeNull();
  });

  it("are passed over where the device has something else", () => {
    expect(recalledViews(null)).toEqual([]);
    expect(recalledViews('[{"name": "x"}, null, 3, {"name": "y", "fields": ""}]')).toEqual([{ name: "y", fields: "" }]);
    expect(recalledViews("{}")).toEqual([]);
  });

  it("are no more than fifty, with short names", () => {
    let views: ReturnType<typeof recalledViews> = [];
    for (let n = 0; n < 60; n += 1) views = withNamed(views, `${n}${"x".repeat(60)}`, away);
    expect(views).toHaveLength(50);
    expect(views[0]?.name).toBe(`10${"x".repeat(38)}`);
  });
});
