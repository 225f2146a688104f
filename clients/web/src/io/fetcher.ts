/** Fetches over REST what the page needs once: the paper after the start, and the result after the end, again when there is more of it. */

import { hasEnded, isVoid, type Why } from "../core/candidate";
import { backoffMs, DEFAULT_BACKOFF } from "../core/backoff";
import { isReadable } from "../core/sections";
import type { AttemptState } from "../generated/messages";
import type { Paper, Result } from "../generated/rest";
import type { Device } from "./device";
import { RestRefused, type Rest } from "./rest";

export interface FetcherHandlers {
  paper(paper: Paper): void;
  result(result: Result): void;
  /** Why there is no result (yet). */
  note(why: Why): void;
}

/** Marking by machine takes moments, and its end is told: to ask before that brings a refusal, and no result. */
const MARKING_MS = 1_500;
/** The wait before asking again for what was not there; it doubles from there. */
const AGAIN_MS = 2_000;
/** Marks by a person come in their own time. */
const PATIENT_MS = 30_000;
/** So many looks after the first ones come in an hour: who leaves the page open for longer is served more slowly. */
const LOOKS = 120;
/** The wait from then on, and before looking again at a result that is there: marks may be corrected. */
const LOOK_MS = 600_000;
/** At the instant at which results or marks are shown a whole room asks: each page at some moment of this time after it. */
const SPREAD_MS = 30_000;

export class Fetcher {
  private fetching = false;
  /** The page has not the questions that are to be answered now. */
  private lacking = false;
  private result_wanted = false;
  private result_seq = -1;
  private round = 0;

  constructor(
    private readonly attempt_id: string,
    private readonly rest: Rest,
    private readonly device: Device,
    /** The server's time. */
    private readonly now: () => number,
    private readonly handlers: FetcherHandlers,
  ) {}

  /** `paper` is what the page has: nothing, or that of another section. */
  want(state: AttemptState, paper: Paper | null): void {
    const sits = state.status === "in_progress" || state.status === "paused";
    this.lacking = sits && (paper === null || !isReadable(paper, state));
    if (this.lacking && !this.fetching) {
      this.fetching = true;
      void this.fetchPaper(0);
    }
    const wanted = hasEnded(state.status) && !isVoid(state.status);
    // A newer record (marks, a reopening) starts the question for the result anew.
    if (wanted && (!this.result_wanted || state.seq !== this.result_seq)) {
      this.result_seq = state.seq;
      const round = ++this.round;
      this.device.after(state.status === "completed" ? 0 : MARKING_MS, () => void this.fetchResult(0, round));
    }
    if (!wanted) this.round += 1;
    this.result_wanted = wanted;
  }

  private async fetchPaper(tries: number): Promise<void> {
    try {
      this.handlers.paper(await this.rest.paper(this.attempt_id));
      // She may have gone on to another section meanwhile.
      if (!this.lacking) this.fetching = false;
      else this.again(tries);
    } catch (error) {
      if (error instanceof RestRefused && error.problem.retry === "never") {
        this.handlers.note(error.problem);
        this.fetching = false;
        return;
      }
      this.again(tries);
    }
  }

  private again(tries: number): void {
    const wait_ms = 250 + backoffMs(tries, DEFAULT_BACKOFF, this.device.random());
    this.device.after(wait_ms, () => void this.fetchPaper(tries + 1));
  }

  private async fetchResult(tries: number, round: number): Promise<void> {
    const again = (wait_ms: number): void => {
      this.device.after(wait_ms, () => void this.fetchResult(tries + 1, round));
    };
    if (round !== this.round) return;
    const spread_ms = this.device.random() * SPREAD_MS;
    try {
      const result = await this.rest.result(this.attempt_id);
      if (round !== this.round) return;
      this.handlers.result(result);
      const from_ms = result.marks_from_ms ?? null;
      again((from_ms === null ? LOOK_MS : Math.max(0, from_ms - this.now())) + spread_ms);
    } catch (error) {
      if (round !== this.round) return;
      if (error instanceof RestRefused) this.handlers.note(error.problem);
      if (error instanceof RestRefused && (error.problem.retry === "never" || error.problem.code === "token_expired")) return;
      if (error instanceof RestRefused && error.after_ms !== null) again(error.after_ms + spread_ms);
      else again(tries < LOOKS ? Math.min(PATIENT_MS, AGAIN_MS * 2 ** Math.min(tries, 10)) : LOOK_MS + spread_ms);
    }
  }
}
