/** What a page knows of its connection, and what a person sees of that. How it changes is in `connection.ts`. */

import { HEARTBEAT_MS } from "../generated/limits";
import { DEFAULT_BACKOFF, type Backoff } from "./backoff";

export interface End {
  /** The close code, or the refusal's name where REST said no. */
  code: number | string;
  detail: string;
}

export type Phase =
  | { name: "idle" }
  | { name: "connecting"; until: number }
  | { name: "greeting"; until: number }
  | { name: "live"; next_beat: number; unanswered: number }
  | { name: "waiting"; retry_at: number }
  | { name: "ended"; end: End };

/** A second socket beside a live one. `rest_at`: when REST is tried as well. */
export interface Beside {
  name: "connecting" | "greeting";
  until: number;
  rest_at: number;
}

export interface ConnectionState {
  phase: Phase;
  beside: Beside | null;
  /** No second socket is opened before this time. */
  beside_from: number;
  /** "off", "asking" (does it work?), "on" (the page lives on it). */
  rest: "off" | "asking" | "on";
  /** Sockets in a row that ended without a welcome. */
  failures: number;
  /** What a `goodbye` said: how long to stay away. */
  stay_away_ms: number | null;
  heartbeat_ms: number;
  backoff: Backoff;
  /** Whether there is a REST interface to fall back to. */
  has_rest: boolean;
  /** The local time at which the server stops accepting; null: nothing is known to close. */
  closing_at: number | null;
}

/** What a person sees. */
export type Shown = "connecting" | "live" | "waiting" | "rest" | "ended";

export function idle(has_rest: boolean): ConnectionState {
  return {
    phase: { name: "idle" },
    beside: null,
    beside_from: 0,
    rest: "off",
    failures: 0,
    stay_away_ms: null,
    heartbeat_ms: HEARTBEAT_MS,
    backoff: DEFAULT_BACKOFF,
    has_rest,
    closing_at: null,
  };
}

export function shown(state: ConnectionState): Shown {
  if (state.phase.name === "ended") return "ended";
  if (state.phase.name === "live") return "live";
  if (state.rest === "on") return "rest";
  return state.phase.name === "waiting" ? "waiting" : "connecting";
}
