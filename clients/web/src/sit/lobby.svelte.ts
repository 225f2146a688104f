/**
 * The start page before the session is here, whose code comes later: shows what the server said when the attempt was made. What is pressed
 * is shown at once, and kept for the session, which does it once.
 */

import type { Candidate } from "../core/candidate";
import { idle } from "../core/connection-state";
import type { FirstLook } from "../core/first-look";
import type { CandidateSession, CandidateView } from "../io/candidate-session";
import { device } from "../io/device";

const CONNECTING = { ...idle(true), phase: { name: "connecting", until: Infinity } } as const;

type Wish = (session: CandidateSession, view: CandidateView) => void;

export class Lobby {
  private model: Candidate;
  private wishes: Wish[] = [];
  private readonly ahead_ms: number;

  constructor(
    { model, ahead_ms }: FirstLook,
    private readonly durable: boolean,
  ) {
    this.model = $state.raw(model);
    this.ahead_ms = ahead_ms;
  }

  /** The server's time. */
  now(): number {
    return device.local() + this.ahead_ms;
  }

  /** `view`: what the session shows already. Its own model counts as soon as the server has let it in. */
  shown(view: CandidateView | null): CandidateView {
    if (view !== null && (view.model.state !== null || view.connection.phase.name === "ended")) return view;
    const unheard = { connection: CONNECTING, unsettled: 0, durable: this.durable, knows_clock: true, round_trip_ms: null, silent_since: null };
    return { ...unheard, ...view, model: this.model };
  }

  readonly start = (access_code: string | null): void => {
    this.wish({ starting: true }, (session, { model }) => {
      if (model.state?.status === "initiated") session.start(access_code);
    });
  };

  readonly ask: CandidateSession["ask"] = (body, expected) => {
    this.wish(this.model.state === null ? {} : { state: { ...this.model.state, ...expected } }, (session) => session.ask(body, expected));
  };

  /** The server has let the session in. */
  handOn(session: CandidateSession, view: CandidateView): void {
    for (const wish of this.wishes.splice(0)) wish(session, view);
  }

  private wish(expected: Partial<Candidate>, wish: Wish): void {
    this.model = { ...this.model, ...expected };
    this.wishes.push(wish);
  }
}
