import { describe, expect, it } from "vitest";
import { begin, begunFrom, begunWith, isHidden, marksOf, settingsFrom, UNSET } from "../../src/core/settings";

describe("settings", () => {
  it("are read as they were kept", () => {
    const kept = { language: "de", theme: "cream", size: 130, spaced: true, still: true, time_hidden: true, keys: false };
    expect(settingsFrom(JSON.stringify(kept))).toEqual(kept);
  });

  it("that can't be read count as not set", () => {
    for (const text of [null, "", "{", "null", "[1]", "7", '{"language":"xx","theme":"pink","size":99,"spaced":"yes"}']) expect(settingsFrom(text)).toEqual(UNSET);
  });

  it("begin with what staff have set, and with her own where they have not", () => {
    const own = { ...UNSET, theme: "dark" as const, size: 115 as const, spaced: true };
    expect(begunWith(own, { language: "tr", size: 150, still: true, spaced: false })).toEqual({ ...own, language: "tr", size: 150, still: true, spaced: false });
    expect(begunWith(own, { theme: null })).toEqual(own);
    expect(begunWith(own, { language: "tlh", theme: "pink", size: 7 })).toEqual(own);
  });

  it("of staff are set once for an attempt, and leave the device with it", () => {
    const own = { ...UNSET, theme: "dark" as const };
    const page = { language: "tr", size: 150, time_hidden: true };
    expect(begin(own, null, "a", null)).toBeNull();
    const [hers, kept] = begin(own, null, "a", page)!;
    expect(hers).toEqual({ ...own, ...page });
    const again = begunFrom(JSON.stringify(kept));
    expect(again).toEqual(kept);
    expect([begin(hers, again, "a", { ...page }), begin(hers, again, "a", null)]).toEqual([null, null]);
    // More of it; then somebody else sits down, for whom nothing or another thing is set. What was changed by hand stays.
    const [more, both] = begin(hers, again, "a", { ...page, still: true })!;
    expect(begin(more, both, "b", null)).toEqual([own, null]);
    expect(begin({ ...more, size: 130 }, both, "b", null)).toEqual([{ ...own, size: 130 }, null]);
    expect(begin(more, both, "b", { size: 115 })).toEqual([{ ...own, size: 115 }, { attempt_id: "b", page: { size: 115 }, before: own }]);
    for (const text of [null, "{", "[]", '["a",{}]', '{"attempt_id":"a","page":null,"before":{}}']) expect(begunFrom(text)).toBeNull();
  });

  it("leave no mark where nothing is set", () => {
    expect(Object.values(marksOf(UNSET))).toEqual([undefined, undefined, undefined, undefined]);
    expect(marksOf({ ...UNSET, theme: "dark", size: 150, spaced: true, still: true })).toEqual({ theme: "dark", size: "150", spaced: "", still: "" });
  });

  it("hide a clock until five minutes before its end", () => {
    const hidden = { ...UNSET, time_hidden: true };
    expect([isHidden(hidden, 300_001), isHidden(hidden, 300_000), isHidden(hidden, 0), isHidden(UNSET, 9_000_000)]).toEqual([true, false, false, false]);
  });
});
