/** Carries an attempt over REST while no socket gets through: comes back, sends what waits, asks for news. */

import { isAside } from "../core/operation";
import type { AttemptState, Offer, Operation, StaffMessage, ToCandidate } from "../generated/messages";
import type { Problem, ResumeReply } from "../generated/rest";
import type { Arrival } from "./arrival";
import type { Device } from "./device";
import type { Link } from "./link";
import { RestRefused, RestUnreachable, type Rest } from "./rest";
import { batches, send, type Outcome } from "./rest-sender";

export interface CarrierHandlers {
  /** What may be sent now. */
  take(): Operation[];
  /** The numbers of those that go alone. */
  suspects(): ReadonlySet<number>;
  resumed(reply: ResumeReply): void;
  outcome(outcome: Outcome): void;
  stated(state: AttemptState): void;
  offered(offer: Offer): void;
  told(message: StaffMessage): void;
  /** What was on the wire may or may not have arrived. */
  lost(): void;
  /** There may be something to send now. */
  pump(): void;
  changed(): void;
}

const POLL_MS = 3_000;

export class RestCarrier {
  private poll_at: number | null = null;
  private busy = false;
  private stopped = false;
  /** What every call names once the server has let this page in. */
  private connection_id = "";

  constructor(
    private readonly attempt_id: string,
    private readonly rest: Rest,
    private readonly arrival: Arrival,
    private readonly device: Device,
    private readonly link: Link<ToCandidate>,
    private readonly handlers: CarrierHandlers,
  ) {}

  /** Whether the page lives on REST, and could send now. */
  get ready(): boolean {
    return this.on && !this.busy;
  }

  /** When `tick` has something to do; null: nothing. */
  wakeAt(): number | null {
    return this.on ? this.poll_at : null;
  }

  tick(): void {
    if (this.on && this.poll_at !== null && this.poll_at <= this.device.local()) void this.poll();
  }

  stop(): void {
    this.stopped = true;
  }

  /** Does REST work? If so, it is the page's way from here on. */
  async resume(): Promise<void> {
    try {
      const t0 = this.device.local();
      const body = this.arrival.resume();
      const reply = await this.rest.resume(this.attempt_id, body);
      if (this.stopped || this.link.state.rest !== "asking") return;
      // A later try may be in force by now: this one is not waited for any more.
      if (body.connect_n < this.arrival.newest_n) throw new RestUnreachable("a later try was made");
      this.connection_id = reply.connection_id ?? "";
      this.link.clock.measure(t0, reply.now_ms, reply.now_ms, this.device.local());
      this.handlers.resumed(reply);
      this.poll_at = this.device.local() + POLL_MS;
      this.link.dispatch({ type: "rest_works" });
      this.handlers.pump();
    } catch (error) {
      this.failed(error);
    }
  }

  /** Sends everything that waits, one call after the other. */
  async pump(): Promise<void> {
    if (!this.ready) return;
    this.busy = true;
    try {
      for (let waiting = this.handlers.take(); waiting.length > 0; waiting = this.handlers.take()) {
        if (!(await this.carry(waiting))) return;
      }
    } catch (error) {
      this.handlers.lost();
      this.failed(error);
    } finally {
      this.busy = false;
      this.handlers.changed();
    }
  }

  /**
   * Something on the way may swallow one kind of call and let others through: what is no answer does not hold up the answers
   * behind it, and is sent again later. False: not everything got through.
   */
  private async carry(waiting: readonly Operation[]): Promise<boolean> {
    let failure: unknown = null;
    let carried = false;
    for (const call of batches(waiting, this.handlers.suspects())) {
      try {
        const outcome = await send(this.rest, this.attempt_id, this.connection_id, call);
        // A socket took over meanwhile: it sends all of this again, and nothing is lost by that.
        if (!this.on) return false;
        this.handlers.outcome(outcome);
        carried = true;
      } catch (error) {
        if (!this.on) return false;
        if (!(error instanceof RestUnreachable) || !call.every(isAside)) throw error;
        failure ??= error;
      }
    }
    if (failure === null) return true;
    if (!carried) throw failure;
    this.handlers.lost();
    return false;
  }

  private get on(): boolean {
    return !this.stopped && this.link.state.rest === "on";
  }

  private async poll(): Promise<void> {
    this.poll_at = null;
    try {
      const reply = await this.rest.heartbeat(this.attempt_id, { connection_id: this.connection_id, t0_ms: this.device.local() });
      if (!this.on) return;
      this.link.clock.measure(reply.t0_ms, reply.t1_ms, reply.t2_ms, this.device.local());
      if (reply.offer !== null) this.handlers.offered(reply.offer);
      this.handlers.stated(reply.state);
      reply.unseen.forEach((message) => this.handlers.told(message));
      this.poll_at = this.device.local() + Math.min(POLL_MS, this.link.state.heartbeat_ms);
      this.handlers.pump();
    } catch (error) {
      this.failed(error);
    }
  }

  private failed(error: unknown): void {
    if (this.stopped) return;
    if (!(error instanceof RestRefused) || !this.isFinal(error.problem)) this.link.dispatch({ type: "rest_fails" });
    else this.link.dispatch({ type: "refused", code: error.problem.code, detail: error.problem.detail });
  }

  private isFinal({ code, retry }: Problem): boolean {
    // It may be a later try of this very page that is in force, or none after a reopening. Who comes again without a person's
    // wish is told if it is another device.
    if (code === "superseded") return false;
    return retry === "never" || code === "token_expired";
  }
}
