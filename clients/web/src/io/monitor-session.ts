/**
 * One monitor page's connection to one test: rows in, staff commands out. A command stays until the server has said what
 * became of it. After a lost connection a fresh one is sent again under its id, and so is executed once; an older one
 * waits for a person.
 */

import type { Why } from "../core/candidate";
import "../core/staff-shape";
import type { CommandBody } from "../core/actions";
import { Commands, type Given, type Pending } from "../core/commands";
import { wakeAt } from "../core/connection";
import type { ConnectionState } from "../core/connection-state";
import { Rows } from "../core/monitor";
import type { Code } from "../generated/codes";
import { BELIEVE_MS, OLDEST_PROTOCOL_VERSION, PROTOCOL_VERSION } from "../generated/limits";
import type { BulkProgress, MonitorHello, StaffCommand, ToInstructor } from "../generated/messages";
import { newId } from "./identity";
import type { Device } from "./device";
import { CLIENT, Link } from "./link";
import type { OpenSocket } from "./socket";

export interface CommandResult {
  command: StaffCommand;
  /** Null: done. */
  refused: Why | null;
  /** The record that it was carried out as; null: it was not. */
  seq: number | null;
}

export interface MonitorHandlers {
  /** Rows, title or connection have changed. */
  changed(): void;
  result(result: CommandResult): void;
  /** An act on many attempts has come further, whoever gave it. */
  bulk(progress: BulkProgress): void;
  trouble(why: Why): void;
}

export class MonitorSession {
  readonly rows = new Rows();
  title = "";
  /** What this person may do. */
  acts: ReadonlySet<string> = new Set();
  /** When the last news came, by the server's clock; null: never. */
  heard_ms: number | null = null;
  /** The same by this device's clock. */
  heard_local = 0;
  /** When this page's token ends, by the server's clock, once the server has said that it ends soon. */
  token_ends_ms: number | null = null;
  private readonly link: Link<ToInstructor>;
  private readonly commands = new Commands();
  private cancelTimer: (() => void) | null = null;
  private believe_at: number | null = null;

  constructor(
    test_id: string,
    token: string,
    open: OpenSocket<ToInstructor>,
    private readonly device: Device,
    private readonly handlers: MonitorHandlers,
  ) {
    const path = `/ws/monitor/${encodeURIComponent(test_id)}`;
    const hello: MonitorHello = { t: "hello", protocol: PROTOCOL_VERSION, token, client: CLIENT, oldest_protocol: OLDEST_PROTOCOL_VERSION, capabilities: [] };
    this.link = new Link(path, { hello: () => hello, newest_n: 0 }, false, open, device, {
      message: (message) => this.receive(message),
      unreadable: (error) => handlers.trouble({ code: "malformed", detail: `A message from the server could not be read (${String(error)}).` }),
      lost: () => undefined,
      askRest: () => undefined,
      changed: () => this.update(),
    });
  }

  start(): void {
    this.link.dispatch({ type: "start" });
  }

  stop(): void {
    this.cancelTimer?.();
    this.link.close();
  }

  now(): number {
    return this.link.now();
  }

  /** What the server's clock shows at the least. */
  earliest(): number {
    return this.link.earliest();
  }

  get connection(): ConnectionState {
    return this.link.state;
  }

  /** Commands whose fate is not known yet. */
  get pending(): Pending[] {
    return this.commands.all();
  }

  reconnect(): void {
    this.link.dispatch({ type: "reconnect" });
  }

  nudge(): void {
    this.link.dispatch({ type: "nudge" });
  }

  offline(): void {
    this.link.dispatch({ type: "offline" });
  }

  command(body: CommandBody): void {
    const command = { ...body, command_id: newId() } as StaffCommand;
    this.commands.add(command, this.given(), this.link.send(command));
    this.handlers.changed();
  }

  /** A person wants a held command now. */
  sendNow(command_id: string): void {
    const command = this.link.live ? this.commands.confirm(command_id, this.given(), this.seenOf(command_id)) : null;
    if (command !== null) this.link.send(command);
    this.handlers.changed();
  }

  /** A person gives a command up. Where it has been sent, it may be carried out all the same. */
  discard(command_id: string): void {
    this.commands.remove(command_id);
    this.handlers.changed();
  }

  private seenOf(command_id: string): number | null {
    const pending = this.commands.all().find(({ command }) => command.command_id === command_id);
    return pending === undefined ? null : (this.rows.get(pending.command.attempt_id)?.seq ?? null);
  }

  private given(): Given {
    return { local: this.device.local(), wall: this.device.wall() };
  }

  private receive(message: ToInstructor): void {
    this.heard();
    switch (message.t) {
      case "monitor_welcome":
        this.title = message.title;
        this.acts = new Set(message.acts);
        this.rows.restart();
        this.believe_at = null;
        this.link.welcomed(message);
        for (const command of this.commands.connected(this.given())) this.link.send(command);
        break;
      case "roster": {
        const was_complete = this.rows.complete;
        this.rows.roster(message);
        if (this.rows.complete && !was_complete) this.believe_at = this.device.local() + BELIEVE_MS;
        break;
      }
      case "rows":
        this.rows.merge(message.rows);
        break;
      case "bulk":
        this.handlers.bulk(message);
        break;
      case "done":
        this.finish(message.command_id, null, message.seq);
        break;
      case "command_refused":
        if (message.code !== ("acted_meanwhile" satisfies Code) || !this.commands.overtaken(message.command_id, message.detail)) {
          this.finish(message.command_id, message, null);
        }
        break;
      case "refused":
        // At the door it is followed by the end of the connection, which says the same.
        if (this.link.live) this.handlers.trouble(message);
        break;
      // A page cannot get a fresh token by itself: it came with its link. A person can.
      case "token_expiring":
        this.token_ends_ms = message.expires_at_ms;
        break;
      case "echo":
      case "goodbye":
      case "renewed":
        break;
    }
    this.believe();
    this.handlers.changed();
  }

  private believe(): void {
    // Not by a timer: a server that died behind a connection that still looks open can't have caught up.
    if (this.believe_at === null || !this.rows.complete || this.device.local() < this.believe_at) return;
    this.believe_at = null;
    this.rows.believe();
  }

  private heard(): void {
    this.heard_ms = this.earliest();
    this.heard_local = this.device.local();
  }

  private finish(command_id: string, refused: Why | null, seq: number | null): void {
    const command = this.commands.remove(command_id);
    if (command !== null) this.handlers.result({ command, refused, seq });
  }

  private update(): void {
    const { phase } = this.link.state;
    if (phase.name === "live" && phase.unanswered === 0) {
      this.heard();
      this.believe();
    }
    this.handlers.changed();
    this.cancelTimer?.();
    const due = wakeAt(this.link.state);
    this.cancelTimer =
      due === null ? null : this.device.after(due - this.device.local(), () => (this.link.tick(), this.update()));
  }
}
