import { describe, expect, it } from "vitest";
import { NOTHING_GRANTED, readLocal, saysNothing, toForm, toOverride, writeLocal, type GrantForm } from "../../src/core/override";
import type { Override } from "../../src/generated/rest";

const form = (more: Partial<GrantForm>): GrantForm => ({ ...NOTHING_GRANTED, ...more });

describe("what staff grant", () => {
  it.each<[Partial<GrantForm>, Override]>([
    [{}, {}],
    [{ time: "minutes", minutes: 7.5 }, { extra_time_ms: 450_000 }],
    [{ time: "minutes", minutes: null }, {}],
    [{ time: "percent", percent: 12.5 }, { extra_time_permille: 125 }],
    [{ time: "unlimited", minutes: 5 }, { unlimited_time: true }],
    [{ time: "none" }, { extra_time_ms: 0 }],
    [{ attempts: 0 }, { extra_attempts: 0 }],
    [{ pause_minutes: 0 }, { pause_budget_ms: 0 }],
    [{ page: { ...NOTHING_GRANTED.page, size: 150, still: false } }, { page: { size: 150, still: false } }],
    [{ never_closes: true, closes: "2027-03-01T09:00" }, { never_closes: true }],
  ])("says %j as %j", (said, override) => {
    expect(toOverride(form(said))).toEqual(override);
    expect(saysNothing(form(said))).toBe(Object.keys(override).length === 0);
  });

  it("has instants in this device's zone, and keeps them to the second", () => {
    const at_ms = new Date(2027, 2, 1, 9, 30, 15).getTime();
    expect(writeLocal(at_ms)).toBe("2027-03-01T09:30:15");
    expect(readLocal(writeLocal(at_ms))).toBe(at_ms);
    expect(readLocal("")).toBeNull();
    expect(readLocal("soon")).toBeNull();
    expect(toOverride(form({ opens: "2027-03-01T09:30:15" }))).toEqual({ opens_at_ms: at_ms });
  });

  it.each<Override>([
    { extra_time_ms: 0 },
    { extra_time_ms: 900_000, extra_attempts: 2 },
    { extra_time_permille: 250, pause_budget_ms: 300_000 },
    { unlimited_time: true, never_closes: true },
    { page: { language: "tr", theme: "contrast", size: 130, spaced: true, still: false, time_hidden: true } },
    { opens_at_ms: new Date(2027, 2, 1, 9).getTime(), closes_at_ms: new Date(2027, 2, 1, 12).getTime() },
  ])("shows %j in a form that says the same", (override) => {
    expect(toOverride(toForm(override))).toEqual(override);
  });
});
