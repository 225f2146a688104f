import { expect, it } from "vitest";
import { letterOf } from "../../src/sit/shortcuts";

const pressed = { altKey: true, shiftKey: true, ctrlKey: false, metaKey: false, code: "KeyT" };

it("are letters with Alt and Shift alone, by their place on the keyboard", () => {
  expect([letterOf(pressed), letterOf({ ...pressed, code: "KeyN" })]).toEqual(["T", "N"]);
  for (const other of [{ altKey: false }, { shiftKey: false }, { ctrlKey: true }, { metaKey: true }, { code: "KeyX" }, { code: "Tab" }]) expect(letterOf({ ...pressed, ...other })).toBe(null);
});
