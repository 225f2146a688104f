/**
 * The life of one page's connection, as a state machine: events in, the next state and effects out. No I/O, no timers:
 * the shell carries out the effects, and sends `tick` at `wakeAt(state)`.
 *
 *   idle → connecting → greeting → live → waiting → connecting → …
 *                                     └→ ended (the close code says: don't come back by yourself)
 *
 * Beside the socket runs REST: when three sockets in a row ended without a welcome, it is tried; while it works, the
 * page lives on it. The socket is tried again soon (a restarted server may just have come up), then ever more seldom.
 */

import { CLOSE, CLOSES, reconnectRule } from "../generated/codes";
import { HEARTBEAT_MS, MISSED_BEATS } from "../generated/limits";
import { backoffMs, DEFAULT_BACKOFF, type Backoff } from "./backoff";

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

export interface ConnectionState {
  phase: Phase;
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
}

export type ConnectionEvent =
  | { type: "start" }
  | { type: "opened" }
  | { type: "welcome"; heartbeat_ms: number; first_beat_ms: number; backoff: Backoff }
  | { type: "echo" }
  | { type: "goodbye"; after_ms: number | null }
  | { type: "closed"; code: number; detail: string }
  | { type: "rest_works" }
  | { type: "rest_fails" }
  | { type: "refused"; code: string; detail: string }
  | { type: "nudge" }
  | { type: "offline" }
  | { type: "reconnect" }
  | { type: "tick" };

export type ConnectionEffect = { do: "open" } | { do: "close" } | { do: "hello" } | { do: "beat" } | { do: "ask_rest" };

export type Step = [ConnectionState, ConnectionEffect[]];

/** What a person sees. */
export type Shown = "connecting" | "live" | "waiting" | "rest" | "ended";

const OPEN_TIMEOUT_MS = 10_000;
const WELCOME_TIMEOUT_MS = 10_000;
const FAILURES_BEFORE_REST = 3;
/** A server that was restarted is back within seconds: so long, tries stay quick. Only after that the cap is the server's. */
const QUICK_TRIES = 15;
const QUICK_CAP_MS = 5_000;
/** When the browser says that the network is gone, an echo must come within this time. */
const DOUBT_MS = 4_000;
/** Tries of the socket while the page lives on REST: after 2 s, 4 s, … 64 s. */
const ON_REST: Backoff = { base_ms: 2_000, cap_ms: 64_000 };

export function idle(has_rest: boolean): ConnectionState {
  return {
    phase: { name: "idle" },
    rest: "off",
    failures: 0,
    stay_away_ms: null,
    heartbeat_ms: HEARTBEAT_MS,
    backoff: DEFAULT_BACKOFF,
    has_rest,
  };
}

/** When the shell must send `tick`; null: never by itself. */
export function wakeAt({ phase }: ConnectionState): number | null {
  switch (phase.name) {
    case "connecting":
    case "greeting":
      return phase.until;
    case "live":
      return phase.next_beat;
    case "waiting":
      return phase.retry_at;
    default:
      return null;
  }
}

export function shown(state: ConnectionState): Shown {
  if (state.phase.name === "ended") return "ended";
  if (state.phase.name === "live") return "live";
  if (state.rest === "on") return "rest";
  return state.phase.name === "waiting" ? "waiting" : "connecting";
}

function connect(state: ConnectionState, now: number): Step {
  const phase: Phase = { name: "connecting", until: now + OPEN_TIMEOUT_MS };
  return [{ ...state, phase, stay_away_ms: null }, [{ do: "open" }]];
}

function end(state: ConnectionState, code: number | string, detail: string): Step {
  return [{ ...state, phase: { name: "ended", end: { code, detail } }, rest: "off" }, [{ do: "close" }]];
}

/** The socket is gone (or was given up): when to come back, and whether REST should be tried meanwhile. */
function lost(state: ConnectionState, now: number, random: number): Step {
  const failures = state.phase.name === "live" ? 0 : state.failures + 1;
  const tries = state.phase.name === "live" ? 0 : state.failures;
  const wait_ms = state.rest === "on" ? onRest(failures) : retryMs(tries, state.backoff, random);
  const phase: Phase = { name: "waiting", retry_at: now + (state.stay_away_ms ?? wait_ms) };
  const next = { ...state, phase, failures, stay_away_ms: null };
  const ask = state.has_rest && state.rest === "off" && failures >= FAILURES_BEFORE_REST;
  return ask ? [{ ...next, rest: "asking" }, [{ do: "ask_rest" }]] : [next, []];
}

/** Within the bounds that the server gave: its room may be large. */
function retryMs(tries: number, backoff: Backoff, random: number): number {
  const cap_ms = tries < QUICK_TRIES ? Math.min(QUICK_CAP_MS, backoff.cap_ms) : backoff.cap_ms;
  return backoffMs(tries, { ...backoff, cap_ms }, random);
}

function onRest(failures: number): number {
  return backoffMs(Math.max(0, failures - FAILURES_BEFORE_REST), ON_REST, 1);
}

function tick(state: ConnectionState, now: number, random: number): Step {
  const { phase } = state;
  const due = wakeAt(state);
  if (due === null || now < due) return [state, []];
  if (phase.name === "waiting") return connect(state, now);
  if (phase.name === "live" && phase.unanswered < MISSED_BEATS) {
    const next_beat = now + state.heartbeat_ms;
    return [{ ...state, phase: { name: "live", next_beat, unanswered: phase.unanswered + 1 } }, [{ do: "beat" }]];
  }
  const [next, effects] = lost(state, now, random);
  return [next, [{ do: "close" }, ...effects]];
}

/** `now` is local time; `random` is in [0, 1). */
export function step(state: ConnectionState, event: ConnectionEvent, now: number, random: number): Step {
  const { phase } = state;
  switch (event.type) {
    case "start":
      return phase.name === "idle" ? connect(state, now) : [state, []];
    case "opened":
      if (phase.name !== "connecting") return [state, []];
      return [{ ...state, phase: { name: "greeting", until: now + WELCOME_TIMEOUT_MS } }, [{ do: "hello" }]];
    case "welcome": {
      const { heartbeat_ms, backoff } = event;
      const live: Phase = { name: "live", next_beat: now + event.first_beat_ms, unanswered: 0 };
      return [{ ...state, phase: live, rest: "off", failures: 0, heartbeat_ms, backoff }, []];
    }
    case "echo":
      return phase.name === "live" ? [{ ...state, phase: { ...phase, unanswered: 0 } }, []] : [state, []];
    case "goodbye":
      return [{ ...state, stay_away_ms: event.after_ms }, []];
    case "closed":
      return closed(state, event.code, event.detail, now, random);
    case "rest_works":
      return state.rest === "asking" ? [restWorks(state, now), []] : [state, []];
    case "rest_fails":
      return state.rest === "off" ? [state, []] : restFails(state, now, random);
    case "refused":
      return phase.name === "ended" ? [state, []] : end(state, event.code, event.detail);
    case "nudge":
      return nudge(state, now, random);
    case "offline":
      return doubt(state, now);
    case "reconnect":
      return reconnect(state, now);
    case "tick":
      return tick(state, now, random);
  }
}

function closed(state: ConnectionState, code: number, detail: string, now: number, random: number): Step {
  const { name } = state.phase;
  if (name === "idle" || name === "waiting" || name === "ended") return [state, []];
  if (reconnectRule(code) !== "backoff") return end(state, code, detail || (CLOSES[code] ?? ""));
  return lost(state, now, random);
}

function restWorks(state: ConnectionState, now: number): ConnectionState {
  const on: ConnectionState = { ...state, rest: "on", failures: FAILURES_BEFORE_REST };
  return state.phase.name === "waiting" ? { ...on, phase: { name: "waiting", retry_at: now + onRest(FAILURES_BEFORE_REST) } } : on;
}

function restFails(state: ConnectionState, now: number, random: number): Step {
  const off: ConnectionState = { ...state, rest: "off" };
  if (state.rest === "asking" || state.phase.name !== "waiting") return [off, []];
  // The page lived on REST and now has nothing: don't wait for the slow try of the socket.
  const retry_at = Math.min(state.phase.retry_at, now + backoffMs(0, state.backoff, random));
  return [{ ...off, failures: 0, phase: { name: "waiting", retry_at } }, []];
}

/** The network came back, or the device woke up: find out at once, though not in the same instant as the whole room. */
function nudge(state: ConnectionState, now: number, random: number): Step {
  if (state.phase.name === "waiting" && state.rest !== "on") {
    const retry_at = Math.min(state.phase.retry_at, now + backoffMs(0, state.backoff, random));
    return [{ ...state, phase: { name: "waiting", retry_at } }, []];
  }
  if (state.phase.name === "live") return tick({ ...state, phase: { ...state.phase, next_beat: now } }, now, 0);
  return [state, []];
}

/** The browser says that the network is gone. It may be wrong: one beat, and little patience. */
function doubt(state: ConnectionState, now: number): Step {
  if (state.phase.name !== "live") return [state, []];
  return [{ ...state, phase: { name: "live", next_beat: now + DOUBT_MS, unanswered: MISSED_BEATS } }, [{ do: "beat" }]];
}

/** A person asked for it, or a fresh welcome is needed. */
function reconnect(state: ConnectionState, now: number): Step {
  if (state.phase.name === "connecting" || state.phase.name === "greeting") return [state, []];
  const [next, effects] = connect({ ...state, rest: "off", failures: 0 }, now);
  return [next, state.phase.name === "live" ? [{ do: "close" }, ...effects] : effects];
}

/** Whether a person has to do something before this page can go on, and what. */
export type Remedy = "use_here" | "sign_in" | "reload";

export function remedy(end: End): Remedy {
  switch (end.code) {
    case CLOSE.SUPERSEDED:
    case CLOSE.CONNECTION_EXISTS:
    case "superseded":
    case "connection_exists":
      return "use_here";
    case CLOSE.TOKEN_EXPIRED:
    case CLOSE.TOKEN_INVALID:
    case CLOSE.FORBIDDEN:
    case CLOSE.NOT_FOUND:
    case "token_expired":
    case "token_revoked":
    case "token_invalid":
    case "token_missing":
    case "forbidden":
    case "not_found":
      return "sign_in";
    default:
      return "reload";
  }
}
