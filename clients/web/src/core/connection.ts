/**
 * The life of one page's connection, as a state machine: events in, the next state and effects out. No I/O, no timers:
 * the shell carries out the effects, and sends `tick` at `wakeAt(state)`.
 *
 *   idle → connecting → greeting → live → waiting → connecting → …
 *                                     └→ ended (the close code says: don't come back by yourself)
 *
 * Beside the socket runs REST: when three sockets in a row ended without a welcome, it is tried; while it works, the
 * page lives on it. The socket is tried again soon (a restarted server may just have come up), then ever more seldom.
 *
 * Near the end of the time a live socket that has fallen silent is not waited for: a second one is opened beside it, and
 * REST is tried if that one is not welcomed soon either. The first goes on until one of them works.
 */

import { CLOSES, reconnectRule } from "../generated/codes";
import { MISSED_BEATS } from "../generated/limits";
import { backoffMs, type Backoff } from "./backoff";
import type { Beside, ConnectionState, Phase } from "./connection-state";
import { isUrgent, patienceMs, retryCapMs } from "./urgency";

/** `beside`: this is about the second socket. */
export type ConnectionEvent =
  | { type: "start" }
  | { type: "opened"; beside?: boolean }
  | { type: "welcome"; heartbeat_ms: number; first_beat_ms: number; backoff: Backoff }
  | { type: "echo" }
  | { type: "goodbye"; after_ms: number | null }
  | { type: "closed"; code: number; detail: string; beside?: boolean }
  | { type: "rest_works" }
  | { type: "rest_fails" }
  | { type: "refused"; code: string; detail: string }
  | { type: "nudge" }
  | { type: "offline" }
  | { type: "doubt" }
  | { type: "silent" }
  | { type: "closing"; at: number | null }
  | { type: "reconnect" }
  | { type: "tick" };

/** `promote`: the second socket takes the place of the first. */
export type ConnectionEffect =
  | { do: "open" | "close" | "hello"; beside?: boolean }
  | { do: "promote" }
  | { do: "beat" }
  | { do: "ask_rest" };

export type Step = [ConnectionState, ConnectionEffect[]];

const OPEN_TIMEOUT_MS = 10_000;
const WELCOME_TIMEOUT_MS = 10_000;
const FAILURES_BEFORE_REST = 3;
/** A server that was restarted is back within seconds: so long, tries stay quick. Only after that the cap is the server's. */
const QUICK_TRIES = 15;
const QUICK_CAP_MS = 5_000;
/** When the browser says that the network is gone, or the device wakes up, an echo must come within this time. */
const DOUBT_MS = 4_000;
/** A second socket gets this long to be welcomed before REST is tried as well. */
const REST_BESIDE_MS = 1_000;
/** Between two second sockets. */
const BESIDE_EVERY_MS = 3_000;
/** Tries of the socket while the page lives on REST: after 2 s, 4 s, … 64 s. */
const ON_REST: Backoff = { base_ms: 2_000, cap_ms: 64_000 };

/** When the shell must send `tick`; null: never by itself. */
export function wakeAt(state: ConnectionState): number | null {
  const { beside } = state;
  const main = mainWakeAt(state);
  if (beside === null) return main;
  return Math.min(main ?? Infinity, beside.until, wantsRest(state) ? beside.rest_at : Infinity);
}

function mainWakeAt({ phase }: ConnectionState): number | null {
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



/** Whether REST is there, and not asked yet. */
function wantsRest(state: ConnectionState): boolean {
  return state.has_rest && state.rest === "off";
}

function connect(state: ConnectionState, now: number): Step {
  const phase: Phase = { name: "connecting", until: now + patienceMs(state.closing_at, now, OPEN_TIMEOUT_MS) };
  return [{ ...state, phase, stay_away_ms: null }, [{ do: "open" }]];
}

function end(state: ConnectionState, code: number | string, detail: string): Step {
  const effects: ConnectionEffect[] = [{ do: "close" }, ...closeBeside(state)];
  return [{ ...state, phase: { name: "ended", end: { code, detail } }, beside: null, rest: "off" }, effects];
}

function closeBeside({ beside }: ConnectionState): ConnectionEffect[] {
  return beside === null ? [] : [{ do: "close", beside: true }];
}

/** The socket is gone (or was given up): when to come back, and whether REST should be tried meanwhile. */
function lost(state: ConnectionState, now: number, random: number): Step {
  const { beside, closing_at } = state;
  if (beside !== null) {
    const { name, until } = beside;
    return [{ ...state, phase: { name, until }, beside: null, stay_away_ms: null }, [{ do: "promote" }]];
  }
  const failures = state.phase.name === "live" ? 0 : state.failures + 1;
  const tries = state.phase.name === "live" ? 0 : state.failures;
  const wait_ms = state.rest === "on" ? onRest(failures) : retryMs(state, tries, now, random);
  const stay_away_ms = state.stay_away_ms === null ? null : retryCapMs(closing_at, now, state.stay_away_ms);
  const phase: Phase = { name: "waiting", retry_at: now + (stay_away_ms ?? wait_ms) };
  const next = { ...state, phase, failures, stay_away_ms: null };
  const enough = isUrgent(closing_at, now) ? 1 : FAILURES_BEFORE_REST;
  return wantsRest(state) && failures >= enough ? [{ ...next, rest: "asking" }, [{ do: "ask_rest" }]] : [next, []];
}

/** Within the bounds that the server gave (its room may be large), and not past the end of the time. */
function retryMs({ backoff, closing_at }: ConnectionState, tries: number, now: number, random: number): number {
  const cap_ms = tries < QUICK_TRIES ? Math.min(QUICK_CAP_MS, backoff.cap_ms) : backoff.cap_ms;
  return backoffMs(tries, { ...backoff, cap_ms: retryCapMs(closing_at, now, cap_ms) }, random);
}

function onRest(failures: number): number {
  return backoffMs(Math.max(0, failures - FAILURES_BEFORE_REST), ON_REST, 1);
}

function tick(state: ConnectionState, now: number, random: number): Step {
  const { beside } = state;
  if (beside !== null && beside.until <= now) return [{ ...state, beside: null }, [{ do: "close", beside: true }]];
  if (beside !== null && beside.rest_at <= now && wantsRest(state)) return [{ ...state, rest: "asking" }, [{ do: "ask_rest" }]];
  const { phase } = state;
  const due = mainWakeAt(state);
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
      return opened(state, event.beside ?? false, now);
    case "welcome": {
      const { heartbeat_ms, backoff } = event;
      const live: Phase = { name: "live", next_beat: now + event.first_beat_ms, unanswered: 0 };
      return [{ ...state, phase: live, beside: null, rest: "off", failures: 0, heartbeat_ms, backoff }, []];
    }
    case "echo":
      return phase.name === "live" ? [{ ...state, phase: { ...phase, unanswered: 0 } }, []] : [state, []];
    case "goodbye":
      return [{ ...state, stay_away_ms: event.after_ms }, []];
    case "closed":
      return event.beside ? closedBeside(state, event.code, event.detail) : closed(state, event.code, event.detail, now, random);
    case "rest_works":
      return state.rest === "asking" ? restWorks(state, now) : [state, []];
    case "rest_fails":
      return state.rest === "off" ? [state, []] : restFails(state, now, random);
    case "refused":
      return phase.name === "ended" ? [state, []] : end(state, event.code, event.detail);
    case "nudge":
      return nudge(state, now, random);
    case "offline":
    case "doubt":
      return doubt(state, now);
    case "silent":
      return openBeside(state, now);
    case "closing":
      return [{ ...state, closing_at: event.at }, []];
    case "reconnect":
      return reconnect(state, now);
    case "tick":
      return tick(state, now, random);
  }
}

function opened(state: ConnectionState, is_beside: boolean, now: number): Step {
  const until = now + patienceMs(state.closing_at, now, WELCOME_TIMEOUT_MS);
  if (is_beside) {
    if (state.beside === null) return [state, []];
    return [{ ...state, beside: { ...state.beside, name: "greeting", until } }, [{ do: "hello", beside: true }]];
  }
  if (state.phase.name !== "connecting") return [state, []];
  return [{ ...state, phase: { name: "greeting", until } }, [{ do: "hello" }]];
}

function closed(state: ConnectionState, code: number, detail: string, now: number, random: number): Step {
  const { name } = state.phase;
  if (name === "idle" || name === "waiting" || name === "ended") return [state, []];
  if (reconnectRule(code) !== "backoff") return end(state, code, detail || (CLOSES[code] ?? ""));
  return lost(state, now, random);
}

/** The first socket may live on. What would end any socket of this page ends it too. */
function closedBeside(state: ConnectionState, code: number, detail: string): Step {
  if (state.beside === null) return [state, []];
  if (reconnectRule(code) !== "backoff") return end(state, code, detail || (CLOSES[code] ?? ""));
  return [{ ...state, beside: null }, []];
}

/** What was sent is not acknowledged, and nothing else comes either: a second way, while the first may yet speak. */
function openBeside(state: ConnectionState, now: number): Step {
  if (state.phase.name !== "live" || state.beside !== null || now < state.beside_from) return [state, []];
  const until = now + patienceMs(state.closing_at, now, OPEN_TIMEOUT_MS);
  const beside: Beside = { name: "connecting", until, rest_at: now + REST_BESIDE_MS };
  return [{ ...state, beside, beside_from: now + BESIDE_EVERY_MS }, [{ do: "open", beside: true }]];
}

/** The server has let the page in over REST, and no socket of before is in force any more. */
function restWorks(state: ConnectionState, now: number): Step {
  const { name } = state.phase;
  const phase: Phase = { name: "waiting", retry_at: now + onRest(FAILURES_BEFORE_REST) };
  const next: ConnectionState = { ...state, phase, beside: null, rest: "on", failures: FAILURES_BEFORE_REST };
  return [next, [...(name === "waiting" ? [] : [{ do: "close" } as const]), ...closeBeside(state)]];
}

function restFails(state: ConnectionState, now: number, random: number): Step {
  const off: ConnectionState = { ...state, rest: "off" };
  if (state.rest === "asking" || state.phase.name !== "waiting") return [off, []];
  // The page lived on REST and now has nothing: don't wait for the slow try of the socket.
  const retry_at = Math.min(state.phase.retry_at, now + retryMs(state, 0, now, random));
  return [{ ...off, failures: 0, phase: { name: "waiting", retry_at } }, []];
}

/** The network came back, or the device woke up: find out at once, though not in the same instant as the whole room. */
function nudge(state: ConnectionState, now: number, random: number): Step {
  if (state.phase.name === "waiting" && state.rest !== "on") {
    const retry_at = Math.min(state.phase.retry_at, now + retryMs(state, 0, now, random));
    return [{ ...state, phase: { name: "waiting", retry_at } }, []];
  }
  return doubt(state, now);
}

/** Something says that the connection may be gone. It may be wrong: one beat, and little patience. */
function doubt(state: ConnectionState, now: number): Step {
  if (state.phase.name !== "live") return [state, []];
  const patient_until = now + patienceMs(state.closing_at, now, DOUBT_MS);
  // A doubt upon a doubt gives no more time.
  const next_beat = state.phase.unanswered < MISSED_BEATS ? patient_until : Math.min(state.phase.next_beat, patient_until);
  return [{ ...state, phase: { name: "live", next_beat, unanswered: MISSED_BEATS } }, [{ do: "beat" }]];
}

/** A person asked for it, or a fresh welcome is needed. */
function reconnect(state: ConnectionState, now: number): Step {
  if (state.phase.name === "connecting" || state.phase.name === "greeting") return [state, []];
  const [next, effects] = connect({ ...state, beside: null, rest: "off", failures: 0 }, now);
  return [next, [...(state.phase.name === "live" ? [{ do: "close" } as const] : []), ...closeBeside(state), ...effects]];
}
