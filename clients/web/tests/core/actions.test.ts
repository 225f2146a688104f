import { expect, it } from "vitest";
import { actionsFor, asks, commandOf, isAsked, isReady } from "../../src/core/actions";
import { FIELDS, REASON_REQUIRED, type StaffCommand } from "../../src/generated/messages";
import { row } from "../made";

const KINDS = Object.keys(REASON_REQUIRED) as StaffCommand["t"][];
const GIVEN = { ms: 60_000, text: "Hello", reason: "because", said: "Please leave.", ticked: false, unlimited: false };

const ALL = new Set<string>([...KINDS, "mark", "grant_attempt"]);

it("offers only what can be done", () => {
  expect(actionsFor(row("a", { status: "initiated" }), ALL)).toEqual(["message", "warn", "accommodate", "cancel"]);
  expect(actionsFor(row("a"), ALL)).toEqual(["pause", "extend", "message", "warn", "accommodate", "apply_rules", "end", "cancel"]);
  expect(actionsFor(row("a", { status: "paused" }), ALL)).toEqual(["resume", "extend", "message", "warn", "accommodate", "apply_rules", "end", "cancel"]);
  expect(actionsFor(row("a", { status: "submitted", awaiting_marks: 2 }), ALL)).toEqual(["mark", "reopen", "grant_attempt"]);
  expect(actionsFor(row("a", { status: "abandoned" }), ALL)).toEqual(["reopen", "accept", "grant_attempt"]);
  for (const status of ["cancelled", "absent"]) expect(actionsFor(row("a", { status }), ALL)).toEqual(["reinstate", "grant_attempt"]);
  expect(actionsFor(row("a", { status: "cancelled", awaiting_marks: 1 }), ALL)).toEqual(["mark", "reinstate", "grant_attempt"]);
  // A mark can be corrected when all are in.
  expect(actionsFor(row("a", { status: "completed", awaiting_marks: 0 }), new Set(["mark"]))).toEqual(["mark"]);
  expect(actionsFor(row("a", { status: "initiated", admission: "waiting" }), ALL)).toContain("admit");
  expect(actionsFor(row("a", { status: "initiated", admission: "admitted" }), ALL)).not.toContain("admit");
  expect(actionsFor(row("a", { status: "a status of a newer server" }), ALL)).toEqual(["grant_attempt"]);
  expect(actionsFor(row("a", { link: "bound" }), ALL)).toContain("allow_device");
  for (const link of [null, "unused", "released"]) expect(actionsFor(row("a", { link }), ALL)).not.toContain("allow_device");
});

it("offers only what this person may do", () => {
  expect(actionsFor(row("a"), new Set(["watch", "pause", "message"]))).toEqual(["pause", "message"]);
  expect(actionsFor(row("a", { status: "submitted", awaiting_marks: 2 }), new Set(["reopen"]))).toEqual(["reopen"]);
  expect(actionsFor(row("a", { status: "submitted", awaiting_marks: 2 }), new Set(["mark"]))).toEqual(["mark"]);
  expect(actionsFor(row("a"), new Set())).toEqual([]);
});

it.each(KINDS)("makes %s with all its fields and no others", (kind) => {
  expect(Object.keys(commandOf(kind, row("a", { seq: 7 }), GIVEN)).sort()).toEqual(["t", ...FIELDS[kind].filter((name) => name !== "command_id")].sort());
});

it.each(KINDS.filter(isAsked))("gives %s only with all that it asks for", (kind) => {
  expect(isReady(kind, GIVEN, 60_000)).toBe(true);
  expect(isReady(kind, { ...GIVEN, reason: " " }, 60_000)).toBe(!REASON_REQUIRED[kind]);
  expect(isReady(kind, { ...GIVEN, text: " " }, 60_000)).toBe(kind !== "message");
  for (const ms of [NaN, 999, 60_001]) {
    const fits = asks(kind) !== "time" || (ms === 999 && kind === "accommodate");
    expect(isReady(kind, { ...GIVEN, ms }, 60_000)).toBe(fits);
  }
});

it("reopens with a time, or without a limit, and may let the clock wait", () => {
  const at = row("a", { status: "submitted", seq: 7 });
  const seen = { t: "reopen", attempt_id: "a", seen_seq: 7, reason: "because" };
  expect(commandOf("reopen", at, { ...GIVEN, ticked: true })).toEqual({ ...seen, left_ms: 60_000, on_return: true });
  const unlimited = { ...GIVEN, ms: NaN, unlimited: true };
  expect(commandOf("reopen", at, unlimited)).toEqual({ ...seen, left_ms: null, on_return: false });
  expect(isReady("reopen", unlimited, 60_000)).toBe(true);
  expect(isReady("reopen", { ...unlimited, reason: "" }, 60_000)).toBe(false);
  expect(isReady("extend", unlimited, 60_000)).toBe(false);
});

it("asks nobody anything before what can be taken back", () => {
  expect(KINDS.filter((kind) => !isAsked(kind))).toEqual(["pause", "resume", "admit", "acknowledge_hand"]);
});
