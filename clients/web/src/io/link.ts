/** A page's connection: the state machine of `core/connection`, with a real socket, and the server's clock. */

import { ServerClock } from "../core/clock";
import {
  idle,
  step,
  wakeAt,
  type ConnectionEffect,
  type ConnectionEvent,
  type ConnectionState,
} from "../core/connection";
import type { Tag } from "../core/wire";
import type { Beat, Echo, Goodbye, Hello, MonitorHello } from "../generated/messages";
import type { Device } from "./device";
import type { OpenSocket, Socket } from "./socket";

export const CLIENT = "web/0.1";

export interface LinkHandlers<M> {
  /** Everything but `echo` and `goodbye`. */
  message(message: M): void;
  unreadable(error: unknown): void;
  /** The socket is no longer live; what was on the wire may be lost. */
  lost(): void;
  askRest(): void;
  /** Any change of the state. */
  changed(): void;
}

interface Welcoming {
  now_ms: number;
  heartbeat_ms: number;
  first_beat_ms: number;
  backoff_base_ms: number;
  backoff_cap_ms: number;
}

export class Link<M extends { t: Tag }> {
  state: ConnectionState;
  readonly clock = new ServerClock();
  private socket: Socket | null = null;
  private hello_at = 0;
  private readonly beats = new Set<number>();
  /** Counts connections: what was handed out for an earlier one must not go out on a later one. */
  generation = 0;

  constructor(
    private readonly path: string,
    private readonly hello: () => Hello | MonitorHello,
    has_rest: boolean,
    private readonly open: OpenSocket<M>,
    private readonly device: Device,
    private readonly handlers: LinkHandlers<M>,
  ) {
    this.state = idle(has_rest);
  }

  /** The server's time. */
  now(): number {
    return this.clock.now(this.device.local());
  }

  get live(): boolean {
    return this.state.phase.name === "live";
  }

  dispatch(event: ConnectionEvent): void {
    const was_live = this.live;
    const [state, effects] = step(this.state, event, this.device.local(), this.device.random());
    this.state = state;
    if (was_live && !this.live) this.handlers.lost();
    effects.forEach((effect) => this.carryOut(effect));
    this.handlers.changed();
  }

  /** To be called when `wakeAt` has come. */
  tick(): void {
    const due = wakeAt(this.state);
    if (due !== null && due <= this.device.local()) this.dispatch({ type: "tick" });
  }

  send(message: { t: Tag }): boolean {
    return this.live && (this.socket?.send(message) ?? false);
  }

  /** The `welcome` of either role, which the page's own handler has read. */
  welcomed(welcome: Welcoming): void {
    this.clock.measure(this.hello_at, welcome.now_ms, welcome.now_ms, this.device.local());
    const backoff = { base_ms: welcome.backoff_base_ms, cap_ms: welcome.backoff_cap_ms };
    const { heartbeat_ms, first_beat_ms } = welcome;
    this.dispatch({ type: "welcome", heartbeat_ms, first_beat_ms, backoff });
  }

  close(): void {
    this.socket?.close();
    this.socket = null;
  }

  private carryOut(effect: ConnectionEffect): void {
    switch (effect.do) {
      case "open":
        this.close();
        this.connect();
        break;
      case "close":
        this.close();
        break;
      case "hello": {
        this.hello_at = this.device.local();
        this.socket?.send(this.hello());
        break;
      }
      case "beat": {
        const t0_ms = this.device.local();
        this.beats.add(t0_ms);
        const beat: Beat = { t: "beat", t0_ms };
        this.socket?.send(beat);
        break;
      }
      case "ask_rest":
        this.handlers.askRest();
        break;
    }
  }

  private connect(): void {
    this.generation += 1;
    this.beats.clear();
    this.socket = this.open(this.path, {
      opened: () => this.dispatch({ type: "opened" }),
      message: (message) => this.receive(message),
      unreadable: (error) => this.handlers.unreadable(error),
      closed: (code, reason) => {
        this.socket = null;
        this.dispatch({ type: "closed", code, detail: reason });
      },
    });
  }

  private receive(message: M): void {
    const known = message as unknown as Echo | Goodbye | { t: "other" };
    switch (known.t) {
      case "echo":
        // Only an answer to a beat of this connection says anything about the clock.
        if (this.beats.delete(known.t0_ms)) {
          this.clock.measure(known.t0_ms, known.t1_ms, known.t2_ms, this.device.local());
        }
        this.dispatch({ type: "echo" });
        break;
      case "goodbye":
        this.dispatch({ type: "goodbye", after_ms: known.after_ms });
        break;
      default:
        this.handlers.message(message);
    }
  }
}
