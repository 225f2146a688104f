import { describe, expect, it } from "vitest";
import { begunWith, isHidden, marksOf, settingsFrom, UNSET } from "../../src/core/settings";

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

  it("leave no mark where nothing is set", () => {
    expect(Object.values(marksOf(UNSET))).toEqual([undefined, undefined, undefined, undefined]);
    expect(marksOf({ ...UNSET, theme: "dark", size: 150, spaced: true, still: true })).toEqual({ theme: "dark", size: "150", spaced: "", still: "" });
  });

  it("hide a clock until five minutes before its end", () => {
    const hidden = { ...UNSET, time_hidden: true };
    expect([isHidden(hidden, 300_001), isHidden(hidden, 300_000), isHidden(hidden, 0), isHidden(UNSET, 9_000_000)]).toEqual([true, false, false, false]);
  });
});
