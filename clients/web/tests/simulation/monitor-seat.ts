/** An instructor's page: `MonitorSession` whole. */

import type { CommandBody } from "../../src/core/actions";
import type { Row } from "../../src/generated/messages";
import { MonitorSession } from "../../src/io/monitor-session";
import type { SimulatedDevice } from "./outside";
import { Net, type Out, type Seat } from "./seat";

export class MonitorSeat implements Seat {
  readonly net = new Net();
  private readonly session: MonitorSession;
  private told = "";
  private shown = new Map<string, Row>();

  constructor(
    test_id: string,
    token: string,
    readonly device: SimulatedDevice,
  ) {
    this.session = new MonitorSession(test_id, token, this.net.open, device, {
      changed: () => undefined,
      result: ({ command, refused }) => this.net.out.push(["result", command.command_id, refused?.detail ?? null]),
      bulk: () => undefined,
      trouble: ({ detail }) => this.net.out.push(["trouble", detail]),
    });
    this.session.start();
  }

  act(name: string, values: readonly unknown[]): void {
    if (name === "offline") this.session.offline();
    else if (name === "nudge") this.session.nudge();
    else if (name === "sendNow") this.session.sendNow(values[0] as string);
    else {
      this.session.command(values[0] as CommandBody);
      this.net.out.push(["command", this.session.pending.at(-1)!.command.command_id]);
    }
  }

  stop(): void {
    this.session.stop();
  }

  report(): Out[] {
    const out: Out[] = [];
    const { phase } = this.session.connection;
    const held = this.session.pending.filter((one) => one.held).map(({ command }) => command.command_id);
    const page = { phase: phase.name, complete: this.session.rows.complete, held };
    const text = JSON.stringify(page);
    if (text !== this.told) {
      this.told = text;
      out.push(["page", page]);
    }
    const rows = this.session.rows.all();
    const news = rows.filter((row) => this.shown.get(row.attempt_id) !== row);
    const gone = [...this.shown.keys()].filter((id) => this.session.rows.get(id) === undefined);
    if (news.length > 0 || gone.length > 0) {
      this.shown = new Map(rows.map((row) => [row.attempt_id, row]));
      out.push(["rows", news, gone]);
    }
    return out;
  }
}
