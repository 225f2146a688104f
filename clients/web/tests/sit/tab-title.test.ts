import { expect, it } from "vitest";
import { tabTitle } from "../../src/sit/tab-title";

const MINUTE = 60_000;

it.each([
  ["nothing is known yet", { status: undefined, cut: false, left: null }, "Maths"],
  ["before the start", { status: "initiated", cut: false, left: null }, "Maths"],
  ["hours are left", { status: "in_progress", cut: false, left: 125 * MINUTE }, "2 h 5 min left · Maths"],
  ["whole minutes", { status: "in_progress", cut: false, left: 6 * MINUTE - 1 }, "5 min left · Maths"],
  ["a minute", { status: "in_progress", cut: false, left: MINUTE }, "1 min left · Maths"],
  ["seconds", { status: "in_progress", cut: false, left: MINUTE - 1 }, "Under 1 min left · Maths"],
  ["none", { status: "in_progress", cut: false, left: 0 }, "Time is up · Maths"],
  ["no limit", { status: "in_progress", cut: false, left: null }, "Maths"],
  ["no connection", { status: "in_progress", cut: true, left: MINUTE }, "No connection · Maths"],
  ["a pause", { status: "paused", cut: false, left: MINUTE }, "Paused · Maths"],
  ["the end, with or without a connection", { status: "submitted", cut: true, left: null }, "Ended · Maths"],
])("says in the tab: %s", (_, standing, text) => {
  expect(tabTitle("Maths", standing)).toBe(text);
});

it("has a name before the test is known", () => {
  expect(tabTitle("", { status: undefined, cut: false, left: null })).toBe("Test");
});
