import { describe, expect, it } from "vitest";
import { auditQuery, detailsOf, NO_FILTER, PAGE } from "../../src/core/audit";

const fields = (query: string): Record<string, string> => Object.fromEntries(new URLSearchParams(query));

describe("the query of a page", () => {
  it("begins with the newest entry, and names no filter that is empty", () => {
    expect(fields(auditQuery({ ...NO_FILTER, person: "  " }, null))).toEqual({
      limit: String(PAGE),
      before: String(Number.MAX_SAFE_INTEGER),
    });
  });

  it("goes on before the last entry that is shown", () => {
    expect(fields(auditQuery(NO_FILTER, 17))["before"]).toBe("17");
  });

  it("names each filter; instants are of this device's zone", () => {
    const query = auditQuery({ kind: "keys_read", person: " ada ", by: "grace ", test: "maths", from: "2026-11-26T09:00", until: "2026-11-26T10:30" }, null);
    expect(fields(query)).toMatchObject({
      kind: "keys_read",
      subject: "ada",
      by: "grace",
      test_id: "maths",
      from_ms: String(new Date(2026, 10, 26, 9, 0).getTime()),
      until_ms: String(new Date(2026, 10, 26, 10, 30).getTime()),
    });
  });

  it("has no instant where none can be read", () => {
    expect(fields(auditQuery({ ...NO_FILTER, from: "soon" }, null))).not.toHaveProperty("from_ms");
  });
});

describe("what an entry says", () => {
  it("is shown in its order, without what is nil, no, or said elsewhere", () => {
    const expires_at_ms = new Date(2026, 10, 26, 9, 5).getTime();
    const entry = { t: "token_given", user_id: "ada", role: "marker", expires_at_ms, branches: ["north", "south"], tests: null, removed: false };
    expect(detailsOf({ entry, subject: "ada" })).toEqual([
      ["role", "marker"],
      ["expires", "26 November 2026, 09:05"],
      ["branches", "north, south"],
    ]);
  });

  it("names what is so by its name alone", () => {
    expect(detailsOf({ entry: { t: "group_changed", group_id: "room-1", removed: true }, subject: null })).toEqual([
      ["group", "room-1"],
      ["removed", ""],
    ]);
  });

  it("names a group where it is about no person", () => {
    const entry = { t: "override_changed", test_id: "maths", who_kind: "group", who_id: "room-1", reason: "agreed" };
    expect(detailsOf({ entry, subject: null })).toEqual([
      ["test", "maths"],
      ["who", "room-1"],
      ["reason", "agreed"],
    ]);
  });

  it("is nothing where it was erased", () => {
    expect(detailsOf({ entry: {}, subject: null })).toEqual([]);
  });
});
