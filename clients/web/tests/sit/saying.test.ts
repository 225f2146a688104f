import { expect, it } from "vitest";
import type { PartValue } from "../../src/generated/messages";
import { Saying } from "../../src/sit/saying.svelte";

it("says nothing of an answer that is no longer so", () => {
  let part: PartValue | null = null;
  const saying = new Saying(() => part);
  expect(saying.text).toBe("");
  saying.say("Iron: now choose a gap.");
  expect(saying.text).toBe("Iron: now choose a gap.");
  saying.say("Iron is in gap 1.", [["iron", "x"]]);
  expect(saying.text).toBe("");
  part = [["iron", "x"]];
  expect(saying.text).toBe("Iron is in gap 1.");
  // Cleared, or another device's.
  part = null;
  expect(saying.text).toBe("");
});
