/**
 * What the device still has when the attempt has ended without it. Where the test takes that, all of it goes to the server in one call, as
 * evidence: staff decide whether it counts. Until then, and after a refusal, it stays on the device.
 */

import { backoffMs, DEFAULT_BACKOFF } from "../core/backoff";
import { hasEnded, type Refused } from "../core/candidate";
import type { AttemptState } from "../generated/messages";
import type { Device } from "./device";
import { RestRefused, type Rest } from "./rest";

export interface LateHandlers {
  /** What was refused because of the end, and has not been sent yet. */
  left(): readonly Refused[];
  /** They are recorded. */
  handed(drafts: readonly Refused[], state: AttemptState): void;
  device(): string;
}

export class Late {
  private sending = false;
  /** Refused for good: nothing is asked again about this end. */
  private refused = false;
  private state: AttemptState | null = null;

  constructor(
    private readonly attempt_id: string,
    private readonly rest: Rest,
    private readonly device: Device,
    private readonly handlers: LateHandlers,
  ) {}

  want(state: AttemptState): void {
    this.state = state;
    if (!hasEnded(state.status)) this.refused = false;
    if (!this.sending && this.taken().length > 0) void this.send(0);
  }

  private taken(): readonly Refused[] {
    const { state } = this;
    return this.refused || !state?.late || !hasEnded(state.status) ? [] : this.handlers.left();
  }

  private async send(tries: number): Promise<void> {
    const drafts = this.taken();
    this.sending = drafts.length > 0;
    if (!this.sending) return;
    const answers = drafts.map(({ question_id, value, at_ms: client_at_ms = 0, base }) => ({ question_id, value, client_at_ms, base }));
    try {
      const { state } = await this.rest.handLate(this.attempt_id, {
        device: this.handlers.device(),
        client_now_ms: this.device.wall(),
        answers,
      });
      this.sending = false;
      this.handlers.handed(drafts, state);
    } catch (error) {
      if (error instanceof RestRefused && (error.problem.retry === "never" || error.problem.code === "token_expired")) {
        this.refused = true;
        this.sending = false;
      } else this.device.after(250 + backoffMs(tries, DEFAULT_BACKOFF, this.device.random()), () => void this.send(tries + 1));
    }
  }
}
