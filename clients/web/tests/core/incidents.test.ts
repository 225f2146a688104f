import { expect, it } from "vitest";
import { byTime, shareOf } from "../../src/core/incidents";
import type { LostTime } from "../../src/generated/rest";

const lost = (attempt_id: string, more: Partial<LostTime> = {}): LostTime => ({
  attempt_id,
  user_id: attempt_id,
  name: "",
  status: "in_progress",
  lost_ms: 121_000,
  from_ms: 0,
  until_ms: 121_000,
  connected: true,
  given_ms: 0,
  ...more,
});

it("proposes whole minutes to those who sit and have not been helped", () => {
  expect(shareOf(lost("a"))).toMatchObject({ chosen: true, minutes: 3 });
  expect(shareOf(lost("a", { lost_ms: 60_000 })).minutes).toBe(1);
  expect(shareOf(lost("a", { given_ms: 121_000 })).chosen).toBe(false);
  expect(shareOf(lost("a", { status: "paused", given_ms: 60_000 })).chosen).toBe(true);
  expect(shareOf(lost("a", { status: "expired" })).chosen).toBe(false);
});

it("gives the same time by the same act, and nothing to whoever is not chosen", () => {
  const shares = [lost("a"), lost("b"), lost("c"), lost("d")].map(shareOf);
  shares[1]!.minutes = 5;
  shares[2]!.chosen = false;
  shares[3]!.minutes = NaN;
  expect([...byTime(shares)]).toEqual([
    [180_000, ["a"]],
    [300_000, ["b"]],
  ]);
});
