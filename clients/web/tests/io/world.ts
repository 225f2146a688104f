/** A device whose clocks, timers and sockets the test holds in its hand. */

import type { Tag } from "../../src/core/wire";
import type { Device } from "../../src/io/device";
import type { OpenSocket, Socket, SocketHandlers } from "../../src/io/socket";

type Message = { t: Tag } & Record<string, unknown>;

interface Timer {
  at: number;
  call: () => void;
}

export class FakeDevice implements Device {
  now = 1_000_000;
  /** How long the device has slept: its even clock stood meanwhile. */
  slept_ms = 0;
  private timers = new Set<Timer>();

  local(): number {
    return this.now;
  }

  wall(): number {
    return this.now + this.slept_ms;
  }

  random(): number {
    return 0.5;
  }

  after(ms: number, call: () => void): () => void {
    const timer = { at: this.now + Math.max(0, ms), call };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  /** Lets time pass; what is asynchronous gets its turn before and after every timer. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    await settle();
    for (;;) {
      const due = [...this.timers].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.timers.delete(due);
      this.now = Math.max(this.now, due.at);
      due.call();
      await settle();
    }
    this.now = end;
  }
}

/** Long enough for a fake IndexedDB and the promises behind it. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 12; i += 1) await new Promise((resolve) => setImmediate(resolve));
}

export class FakeSocket implements Socket {
  sent: Message[] = [];
  open = true;

  constructor(
    readonly handlers: SocketHandlers<never>,
    private readonly network: FakeNetwork,
  ) {}

  send(message: { t: Tag }): boolean {
    if (this.open) this.sent.push(message as Message);
    const { t, t0_ms } = message as Message;
    // A server at the same place as the page: its clock is the page's, and no time passes on the way.
    if (t === "beat" && this.network.echoes) this.say({ t: "echo", t0_ms, t1_ms: t0_ms, t2_ms: t0_ms });
    return this.open;
  }

  close(): void {
    this.open = false;
  }

  say(message: object): void {
    if (this.open) this.handlers.message(message as never);
  }

  drop(code = 1006): void {
    this.open = false;
    this.handlers.closed(code, "");
  }

  /** What was sent, but for greetings and heartbeats. */
  operations(): Message[] {
    return this.sent.filter(({ t }) => t !== "hello" && t !== "beat");
  }
}

export class FakeNetwork {
  sockets: FakeSocket[] = [];
  echoes = true;

  readonly open: OpenSocket<never> = (_path, handlers) => {
    const socket = new FakeSocket(handlers, this);
    this.sockets.push(socket);
    return socket;
  };

  get last(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error("no socket was opened");
    return socket;
  }
}
