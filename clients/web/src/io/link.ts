/** A page's connection: the state machine of `core/connection`, with a real socket, and the server's clock. */

import { ServerClock } from "../core/clock";
import { step, wakeAt, type ConnectionEffect, type ConnectionEvent } from "../core/connection";
import { idle, type ConnectionState } from "../core/connection-state";
import type { Tag } from "../core/wire";
import { CLOSE } from "../generated/codes";
import type { Beat, Echo, Goodbye, Hello, MonitorHello } from "../generated/messages";
import type { Device } from "./device";
import { LOST, type OpenSocket, type Socket } from "./socket";

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

/** What a page says of itself when it connects. */
export interface Greeter {
  hello(): Hello | MonitorHello;
  /** The number of its newest try, over a socket or over REST. */
  readonly newest_n: number;
}

/** One socket of this page. */
interface Way {
  readonly socket: Socket;
  hello_at: number;
  /** Which try this is. */
  connect_n: number;
  /** When the beats went out that have no echo yet. */
  readonly beats: Set<number>;
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
  /** When the server was last heard of, in local time. */
  heard_at = 0;
  private main: Way | null = null;
  /** A second way in, opened beside a main one that has fallen silent. */
  private beside: Way | null = null;

  constructor(
    private readonly path: string,
    private readonly greeter: Greeter,
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

  /** What the server's clock shows at the least. */
  earliest(): number {
    return this.clock.earliest(this.device.local());
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
    return this.live && (this.main?.socket.send(message) ?? false);
  }

  /** The `welcome` of either role, which the page's own handler has read. */
  welcomed(welcome: Welcoming): void {
    this.clock.measure(this.main?.hello_at ?? 0, welcome.now_ms, welcome.now_ms, this.device.local());
    const backoff = { base_ms: welcome.backoff_base_ms, cap_ms: welcome.backoff_cap_ms };
    const { heartbeat_ms, first_beat_ms } = welcome;
    this.dispatch({ type: "welcome", heartbeat_ms, first_beat_ms, backoff });
  }

  close(): void {
    this.main?.socket.close();
    this.beside?.socket.close();
    this.main = this.beside = null;
  }

  private carryOut(effect: ConnectionEffect): void {
    switch (effect.do) {
      case "open":
        if (effect.beside) this.beside = this.connect();
        else {
          this.main?.socket.close();
          this.main = this.connect();
        }
        break;
      case "close":
        if (effect.beside) {
          this.beside?.socket.close();
          this.beside = null;
        } else {
          this.main?.socket.close();
          this.main = null;
        }
        break;
      case "promote":
        this.main?.socket.close();
        this.main = this.beside;
        this.beside = null;
        break;
      case "hello":
        this.greet(effect.beside ? this.beside : this.main);
        break;
      case "beat":
        this.beat();
        break;
      case "ask_rest":
        this.handlers.askRest();
        break;
    }
  }

  private greet(way: Way | null): void {
    if (way === null) return;
    way.hello_at = this.device.local();
    way.socket.send(this.greeter.hello());
    way.connect_n = this.greeter.newest_n;
  }

  private beat(): void {
    if (this.main === null) return;
    const t0_ms = this.device.local();
    this.main.beats.add(t0_ms);
    const beat: Beat = { t: "beat", t0_ms };
    this.main.socket.send(beat);
  }

  private connect(): Way {
    const is_beside = (): boolean => way === this.beside;
    const socket = this.open(this.path, {
      opened: () => this.dispatch({ type: "opened", beside: is_beside() }),
      message: (message) => this.receive(message, way),
      unreadable: (error) => this.handlers.unreadable(error),
      closed: (code, detail) => {
        const beside = is_beside();
        if (beside) this.beside = null;
        else this.main = null;
        // A later try of this very page has taken over: that is no other device, and this try is only lost.
        const is_own = code === CLOSE.SUPERSEDED && way.connect_n < this.greeter.newest_n;
        this.dispatch({ type: "closed", code: is_own ? LOST : code, detail, beside });
      },
    });
    const way: Way = { socket, hello_at: 0, connect_n: 0, beats: new Set() };
    return way;
  }

  private receive(message: M, way: Way): void {
    const known = message as unknown as Echo | Goodbye | { t: "welcome" };
    if (way === this.beside) {
      // Until it is welcomed the first one goes on; why it is not, its close code says.
      if (known.t !== "welcome") return;
      this.main?.socket.close();
      this.main = way;
      this.beside = null;
      this.handlers.lost();
    }
    this.heard_at = this.device.local();
    switch (known.t) {
      case "echo":
        // Only an answer to a beat of this connection says anything about the clock.
        if (way.beats.delete(known.t0_ms)) {
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
