/** What this page has to do at certain times: connect, beat, send, warn, lock, doubt. It owns the page's one timer. */

import type { Warned } from "../core/candidate";
import { firstClosing, nextDeadline } from "../core/clocks";
import { wakeAt } from "../core/connection";
import { Doubt } from "../core/doubt";
import type { Queue } from "../core/queue";
import { Warnings } from "../core/warnings";
import type { AttemptState, ToCandidate } from "../generated/messages";
import { Alarm } from "./alarm";
import type { Device } from "./device";
import type { Link } from "./link";
import type { RestCarrier } from "./rest-carrier";

export interface TimekeeperHandlers {
  /** A warning that nobody else gives. */
  warn(warning: Warned): void;
  /** Something may be sent now. */
  pump(): void;
}

export class Timekeeper {
  readonly warnings = new Warnings();
  private readonly doubt = new Doubt();
  private readonly alarm: Alarm;
  private attempt: AttemptState | null = null;
  /** The last deadline at which everything that was typed has been sent on its way. */
  private flushed_ms: number | null = null;

  constructor(
    private readonly device: Device,
    private readonly link: Link<ToCandidate>,
    private readonly carrier: RestCarrier,
    private readonly queue: Queue,
    private readonly handlers: TimekeeperHandlers,
  ) {
    this.alarm = new Alarm(device, () => this.wake());
  }

  /** The attempt's state as the page knows it; `now` is the server's time. */
  state(state: AttemptState, now: number): void {
    this.attempt = state;
    this.warnings.clocks(state.clocks, now);
    const closes_at_ms = firstClosing(state, now);
    const at = state.status === "in_progress" && closes_at_ms !== null ? this.link.clock.localAt(closes_at_ms) : null;
    if (at !== this.link.state.closing_at) this.link.dispatch({ type: "closing", at });
  }

  /** To be called after every change. */
  schedule(): void {
    const { link, queue, carrier } = this;
    const local = (server_ms: number | null): number | null => (server_ms === null ? null : link.clock.localAt(server_ms));
    this.alarm.set(
      wakeAt(link.state),
      carrier.wakeAt(),
      link.live || carrier.ready ? queue.wakeAt() : null,
      local(nextDeadline(this.attempt, this.flushed_ms)),
      local(this.warnings.next(link.live)),
      this.doubt.next(this.quietSince(), link.state.closing_at),
    );
  }

  stop(): void {
    this.alarm.stop();
  }

  private wake(): void {
    const { link, device } = this;
    const now = link.now();
    const deadline_ms = nextDeadline(this.attempt, this.flushed_ms);
    if (deadline_ms !== null && now >= deadline_ms) {
      // The question, the section or the page is locked from here on; what was typed goes out within the grace.
      this.flushed_ms = deadline_ms;
      this.queue.flush();
      // Whether this is the deadline, only a living connection knows.
      link.dispatch({ type: "doubt" });
    }
    const warning = this.warnings.due(now, link.live);
    if (warning !== null) this.handlers.warn(warning);
    const suspicion = this.doubt.due(this.quietSince(), link.state.closing_at, device.local());
    if (suspicion !== null) link.dispatch({ type: suspicion === "ask" ? "doubt" : "silent" });
    this.carrier.tick();
    link.tick();
    this.handlers.pump();
  }

  /** Since when something waits for its acknowledgement, and nothing was heard; null: nothing waits. */
  private quietSince(): number | null {
    const waiting_since = this.link.live ? this.queue.waitingSince() : null;
    return waiting_since === null ? null : Math.max(waiting_since, this.link.heard_at);
  }
}
