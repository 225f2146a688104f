import { describe, expect, it } from "vitest";
import type { BulkProgress, Row } from "../../src/generated/messages";
import { BELIEVE_MS } from "../../src/generated/limits";
import { MonitorSession, type CommandResult } from "../../src/io/monitor-session";
import { FakeDevice, FakeNetwork } from "./world";

function room(): {
  device: FakeDevice;
  network: FakeNetwork;
  session: MonitorSession;
  results: CommandResult[];
  acts: BulkProgress[];
} {
  const device = new FakeDevice();
  const network = new FakeNetwork();
  const results: CommandResult[] = [];
  const acts: BulkProgress[] = [];
  const session = new MonitorSession("t", "secret", network.open, device, {
    changed: () => undefined,
    result: (result) => results.push(result),
    bulk: (progress) => acts.push(progress),
    trouble: ({ detail }) => {
      throw new Error(detail);
    },
  });
  session.start();
  return { device, network, session, results, acts };
}

function greet(network: FakeNetwork, now_ms: number, heartbeat_ms = 10_000): void {
  network.last.handlers.opened();
  network.last.say({
    t: "monitor_welcome",
    protocol: 1,
    test_id: "t",
    title: "Test",
    now_ms,
    heartbeat_ms,
    first_beat_ms: 500,
    backoff_base_ms: 500,
    backoff_cap_ms: 15_000,
    capabilities: [],
    acts: ["watch", "pause"],
  });
}

const row = { attempt_id: "a1", seq: 1, tick: 0 } as Row;

describe("MonitorSession", () => {
  it("takes rows in and knows the server's time", () => {
    const { device, network, session } = room();
    greet(network, device.now + 60_000);
    network.last.say({ t: "roster", part: 0, parts: 1, rows: [row] });
    network.last.say({ t: "rows", now_ms: 0, rows: [{ ...row, seq: 2 }] });
    expect(session.rows.get("a1")?.seq).toBe(2);
    expect(session.now()).toBe(device.now + 60_000);
    expect(session.title).toBe("Test");
  });

  it("believes a server that tells of fewer records where it still speaks two minutes later, and no silent one", async () => {
    const { device, network, session } = room();
    greet(network, 0);
    network.last.say({ t: "roster", part: 0, parts: 1, rows: [{ ...row, seq: 9 }] });
    network.last.drop();
    session.reconnect();
    greet(network, 0, 60_000);
    network.last.say({ t: "roster", part: 0, parts: 1, rows: [{ ...row, seq: 4 }] });
    await device.pass(BELIEVE_MS);
    expect(session.rows.get("a1")?.seq).toBe(9);
    network.last.say({ t: "rows", now_ms: 0, rows: [] });
    expect(session.rows.get("a1")?.seq).toBe(4);
  });

  it("asks again where somebody else has acted meanwhile, and sends it with what the person has seen by then", () => {
    const { network, session, results } = room();
    greet(network, 0);
    network.last.say({ t: "roster", part: 0, parts: 1, rows: [row] });
    session.command({ t: "extend", attempt_id: "a1", add_ms: 60_000, reason: "", seen_seq: 1 });
    const [extend] = network.last.operations();
    const refused = { command_id: extend?.["command_id"], attempt_id: "a1", code: "acted_meanwhile", retry: "never" };
    network.last.say({ t: "command_refused", ...refused, detail: "Meanwhile hana gave more time." });
    expect(results).toEqual([]);
    expect(session.pending.map(({ held, meanwhile }) => [held, meanwhile])).toEqual([[true, "Meanwhile hana gave more time."]]);
    network.last.say({ t: "rows", now_ms: 0, rows: [{ ...row, seq: 4 }] });
    session.sendNow(String(extend?.["command_id"]));
    expect(network.last.operations().at(-1)).toEqual({ ...extend, seen_seq: 4 });
    network.last.say({ t: "done", command_id: extend?.["command_id"], attempt_id: "a1", seq: 5 });
    expect(results.map(({ refused: why }) => why)).toEqual([null]);
  });

  it("tells how far an act on many attempts has come", () => {
    const { network, session, acts } = room();
    greet(network, 0);
    const progress = { bulk_id: "b", command: "pause", by: "grace", role: "instructor", total: 3, done: 1, refused: 0, ended: false };
    network.last.say({ t: "bulk", ...progress });
    expect(acts).toEqual([{ t: "bulk", ...progress }]);
    expect(session.rows.all()).toEqual([]);
  });

  it("knows what its person may do", () => {
    const { network, session } = room();
    expect(session.acts.size).toBe(0);
    greet(network, 0);
    expect([...session.acts]).toEqual(["watch", "pause"]);
  });

  it("tells what became of a command", () => {
    const { network, session, results } = room();
    greet(network, 0);
    session.command({ t: "pause", attempt_id: "a1", reason: "" });
    session.command({ t: "end", attempt_id: "a1", reason: "" });
    const [pause, end] = network.last.operations();
    const refused = { command_id: end?.["command_id"], attempt_id: "a1", code: "reason_required", retry: "never" };
    network.last.say({ t: "command_refused", ...refused, detail: "Please give a reason." });
    network.last.say({ t: "done", command_id: pause?.["command_id"], attempt_id: "a1", seq: 5 });
    expect(results.map(({ command, refused: why }) => [command.t, why?.detail ?? null])).toEqual([
      ["end", "Please give a reason."],
      ["pause", null],
    ]);
    expect(session.pending).toEqual([]);
  });

  it("sends a command whose fate is unknown again, under the same id", async () => {
    const { device, network, session } = room();
    greet(network, 0);
    session.command({ t: "extend", attempt_id: "a1", add_ms: 300_000, reason: "" });
    const sent = network.last.operations();
    network.last.drop();
    await device.pass(600);
    greet(network, 0);
    expect(network.last.operations()).toEqual(sent);
    expect(session.pending).toMatchObject([{ held: false, sent: true }]);
  });

  it("sends a command given without a connection once there is one", async () => {
    const { device, network, session } = room();
    network.last.drop();
    session.command({ t: "pause", attempt_id: "a1", reason: "" });
    await device.pass(600);
    greet(network, 0);
    expect(network.last.operations()).toMatchObject([{ t: "pause" }]);
  });

  it("sends nothing by itself that was asked for long ago, and once when a person says so", async () => {
    const { device, network, session } = room();
    greet(network, 0);
    session.command({ t: "extend", attempt_id: "a1", add_ms: 300_000, reason: "" });
    const [extend] = network.last.operations();
    network.last.drop();
    session.command({ t: "pause", attempt_id: "a1", reason: "" });
    device.now += 240_000;
    await device.pass(0);
    greet(network, 0);
    expect(network.last.operations()).toEqual([]);
    expect(session.pending).toMatchObject([
      { command: { t: "extend" }, held: true, sent: true },
      { command: { t: "pause" }, held: true, sent: false },
    ]);

    session.sendNow(String(extend?.["command_id"]));
    expect(network.last.operations()).toEqual([{ ...extend, seen_seq: null }]);
    session.sendNow(String(extend?.["command_id"]));
    expect(network.last.operations()).toEqual([{ ...extend, seen_seq: null }]);
    session.discard(session.pending[1]?.command.command_id ?? "");
    network.last.say({ t: "done", command_id: extend?.["command_id"], attempt_id: "a1", seq: 5 });
    expect(session.pending).toEqual([]);
  });

  it("holds what was asked for before the device slept, though its even clock has stood", () => {
    const { device, network, session } = room();
    greet(network, 0);
    network.last.drop();
    session.command({ t: "end", attempt_id: "a1", reason: "alarm" });
    device.slept_ms = 3_600_000;
    session.reconnect();
    greet(network, 0);
    expect(network.last.operations()).toEqual([]);
    expect(session.pending).toMatchObject([{ held: true }]);
  });

  it("knows when its token ends", () => {
    const { network, session } = room();
    greet(network, 0);
    network.last.say({ t: "token_expiring", expires_at_ms: 123_000 });
    expect(session.token_ends_ms).toBe(123_000);
  });
});
