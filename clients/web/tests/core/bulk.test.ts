import { describe, expect, it } from "vitest";
import type { Given } from "../../src/core/actions";
import {
  asksFor,
  canTake,
  chosenOf,
  filterOf,
  reasonsOf,
  further,
  missedBy,
  NOBODY,
  offeredFor,
  orderOf,
  targetsOf,
  toggled,
  type Act,
  type BulkAction,
} from "../../src/core/bulk";
import { csvOf } from "../../src/core/csv";
import { DEFAULT_VIEW, type View } from "../../src/core/monitor";
import { REASON_REQUIRED } from "../../src/generated/messages";
import { row } from "../made";

const GIVEN: Given = { ms: 600_000, text: "Leave.", reason: "fire", said: "Please leave.", ticked: true, unlimited: false };
const ROWS = [row("a"), row("b", { status: "paused" }), row("c", { status: "initiated" })];
const ids = (rows: readonly { attempt_id: string }[]): string[] => rows.map(({ attempt_id }) => attempt_id);

describe("a selection", () => {
  it("is made one by one, or of all that the list shows", () => {
    const one = toggled(NOBODY, "b", ROWS);
    expect(ids(chosenOf(one, ROWS))).toEqual(["b"]);
    expect(ids(chosenOf(toggled(one, "b", ROWS), ROWS))).toEqual([]);
    const all = { ...NOBODY, all: true };
    expect(ids(chosenOf(all, ROWS))).toEqual(["a", "b", "c"]);
    expect(ids(chosenOf(toggled(all, "b", ROWS), ROWS))).toEqual(["a", "c"]);
  });

  it("is for whoever fits the list's filter, where the server can find them", () => {
    const all = { ...NOBODY, all: true };
    const view = (more: Partial<View>): View => ({ ...DEFAULT_VIEW, ...more });
    expect(targetsOf(all, ROWS, view({}))).toEqual({ filter: {} });
    expect(targetsOf(all, ROWS, view({ statuses: new Set(["paused"]) }))).toEqual({ filter: { statuses: ["paused"] } });
    expect(filterOf(view({ concern: "hands" }))).toEqual({ hand_raised: true });
    const group = { group_id: "g", title: "Room 1", user_ids: new Set<string>() };
    expect(filterOf(view({ place: { section: "s", branch: "north", group }, statuses: new Set(["paused"]) }))).toEqual({
      sections: ["s"],
      branches: ["north"],
      groups: ["g"],
      statuses: ["paused"],
    });
    expect(filterOf(view({ concern: "waiting" }))).toEqual({ waiting: true, connection: "online" });
    expect(filterOf(view({ concern: "away" }))).toEqual({ statuses: ["in_progress"], connection: "offline" });
    // What only this page knows is sent by name.
    expect(targetsOf(all, ROWS, view({ text: "ada" }))).toEqual({ attempt_ids: ["a", "b", "c"] });
    expect(targetsOf(toggled(NOBODY, "b", ROWS), ROWS, view({}))).toEqual({ attempt_ids: ["b"] });
  });
});

describe("an act", () => {
  it("is offered where somebody can take it and this person may do it", () => {
    expect(offeredFor(ROWS, new Set(["pause", "resume", "reopen", "grant_attempt"]))).toEqual(["pause", "resume", "grant_attempt"]);
    expect(offeredFor([], new Set(["pause"]))).toEqual([]);
    expect(canTake("pause", row("a", { status: "paused" }))).toBe(false);
  });

  it.each([...(Object.keys(REASON_REQUIRED) as BulkAction[]), "grant_attempt" as const])("%s is an order without ids", (action) => {
    const order = orderOf(action, GIVEN, 1_000);
    expect(order.t).toBe(action);
    expect(order.seen_ms).toBe(action === "message" ? undefined : 1_000);
    expect(Object.keys(order)).not.toContain("attempt_id");
    expect(["time", "text", "reason"]).toContain(asksFor(action));
  });

  it("goes forwards only, whatever comes late", () => {
    const act: Act = { bulk_id: "b", command: "pause", by: "g", role: "r", total: 3, done: 1, refused: 0, ended: false };
    expect(further(undefined, act)).toBe(act);
    expect(further({ ...act, done: 2 }, act).done).toBe(2);
    expect(further({ ...act, ended: true, done: 3 }, act).ended).toBe(true);
    expect(further(act, { ...act, refused: 2, ended: true }).ended).toBe(true);
  });
});

it("names everybody whom an act did not reach", () => {
  const target = { user_id: "u", name: "Ada", code: null, detail: null };
  const missed = missedBy(
    [
      { ...target, attempt_id: "a", outcome: "done" },
      { ...target, attempt_id: "b", outcome: "refused", code: "paused", detail: "It is paused." },
      { ...target, attempt_id: "c", outcome: "waiting" },
    ],
    [{ attempt_id: "d", user_id: "v", name: "Bob", status: "in_progress" }],
    { waiting: "waits", later: "later" },
    (code, detail) => `${code}: ${detail}`,
  );
  expect(missed.map(({ attempt_id, why }) => [attempt_id, why])).toEqual([
    ["b", "paused: It is paused."],
    ["c", "waits"],
    ["d", "later"],
  ]);
});

it("writes tables that no spreadsheet calculates with", () => {
  expect(csvOf([["name", "why"], ['Ada "A", Lovelace', "=1+1"]])).toBe('\ufeffname,why\r\n"Ada ""A"", Lovelace",\'=1+1\r\n');
  expect(csvOf([["x;=1+1;", "x\t@a", "＝1", "a;b"]])).toBe("\ufeffx;'=1+1;,x\t'@a,'＝1,a;b\r\n");
  expect(csvOf([["-5", "a\nb"]])).toBe("\ufeff'-5,\"a\nb\"\r\n");
});

it("counts the reasons of a report, the most frequent first", () => {
  const missed = ["late", "over", "late", "away"].map((why, at) => ({ attempt_id: `a${at}`, user_id: "", name: "", why }));
  expect(reasonsOf(missed)).toEqual([
    ["late", 2],
    ["over", 1],
    ["away", 1],
  ]);
});
