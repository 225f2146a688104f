import { describe, expect, it } from "vitest";
import { undoOf, undoOfOrder } from "../../src/core/undo";
import type { StaffCommand } from "../../src/generated/messages";
import type { BulkBody } from "../../src/generated/rest";

const ids = { command_id: "c", attempt_id: "a" };

describe("what takes an act back", () => {
  it("is its opposite, which sees what others did after the act", () => {
    const said = { attempt_id: "a", reason: "back", seen_seq: 7 };
    expect(undoOf({ t: "pause", ...ids, reason: "" } as StaffCommand, 7, "back")).toEqual({ t: "resume", ...said });
    expect(undoOf({ t: "resume", ...ids, reason: "" } as StaffCommand, 7, "back")).toEqual({ t: "pause", ...said });
    expect(undoOf({ t: "cancel", ...ids, reason: "x", counts: true, said: "" } as StaffCommand, 7, "back")).toEqual({ t: "reinstate", ...said, on_return: false });
  });

  it("is the same for many, by the look of whoever gave the act", () => {
    const order = { t: "pause", reason: "fire", seen_ms: 5 } as BulkBody["order"];
    expect(undoOfOrder(order, "back")).toEqual({ t: "resume", reason: "back", seen_ms: 5 });
  });

  it("is nothing where the protocol has nothing", () => {
    const others = ["extend", "message", "warn", "end", "reinstate", "admit", "reopen", "accept", "allow_device", "acknowledge_hand", "accommodate", "apply_rules"];
    for (const t of others) expect(undoOf({ t, ...ids } as StaffCommand, 1, "")).toBeNull();
    expect(undoOfOrder({ t: "grant_attempt", reason: "", seen_ms: 1 } as BulkBody["order"], "")).toBeNull();
  });
});
