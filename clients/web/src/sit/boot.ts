/**
 * How the test-taker page finds its attempt. The token leaves the address at once (it would be copied along, and stay in
 * the history); the tab keeps it for a reload, and the device until the attempt has ended, so that a crash of the
 * browser is no end. A bare `/sit` on a device that holds an open attempt asks first: the next candidate may sit here.
 */

import { hasEnded } from "../core/candidate";
import type { AttemptMade, OwnAttempt } from "../generated/rest";
import type { SmallStorage } from "../io/browser-storage";
import { RestRefused, type Rest } from "../io/rest";
import type { AttemptRecord, Store } from "../io/store";

export interface Fragment {
  attempt: string | null;
  test: string | null;
  token: string | null;
}

export function parseFragment(hash: string): Fragment {
  const fields = new URLSearchParams(hash.replace(/^#/, ""));
  const get = (name: string): string | null => fields.get(name) || null;
  return { attempt: get("attempt"), test: get("test"), token: get("token") };
}

export type Boot =
  | { kind: "loading" }
  | { kind: "no_link" }
  | { kind: "choose"; attempts: AttemptRecord[] }
  | { kind: "refused"; code: string; detail: string }
  | { kind: "unreachable" }
  | { kind: "found"; record: AttemptRecord; another: Another }
  /** She has sat this test before, and may again: `record` is the new attempt, not started yet. */
  | { kind: "again"; record: AttemptRecord; number: number; earlier: OwnAttempt };

/** Whether a further attempt is allowed: only asking for one can tell. "no" also where the link opens one attempt only. */
export type Another = "unknown" | "yes" | "no";

/** Refusals of a new attempt that leave the earlier ones to be looked at. */
const OVER: ReadonlySet<string> = new Set(["attempt_limit", "window_closed"]);

/** The parts of the browser that this needs. */
export interface Place {
  hash(): string;
  /** Replaces the fragment in the address, without a new entry in the history. */
  replace(fragment: string): void;
  session: SmallStorage;
}

const OLD_MS = 7 * 24 * 3600 * 1000;
const tokenKey = (kind: "attempt" | "test", id: string): string => `pencilsdown ${kind} ${id}`;

export async function boot(
  place: Place,
  store: Store,
  restFor: (token: string) => Rest,
  wall_ms: number,
): Promise<Boot> {
  const { attempt, test, token } = parseFragment(place.hash());
  if (attempt !== null) {
    if (token !== null) place.session.setItem(tokenKey("attempt", attempt), token);
    place.replace(`attempt=${encodeURIComponent(attempt)}`);
    return byAttempt(attempt, "", place, store, wall_ms);
  }
  if (test !== null) {
    if (token !== null) place.session.setItem(tokenKey("test", test), token);
    place.replace(`test=${encodeURIComponent(test)}`);
    return byTest(test, place, store, restFor, wall_ms);
  }
  const attempts = await store.attempts();
  const old = attempts.filter((known) => wall_ms - known.opened_at_ms > OLD_MS);
  await Promise.all(old.map((known) => forgetSettled(known, store)));
  const open = attempts.filter((known) => known.token !== "");
  return open.length > 0 ? { kind: "choose", attempts: open } : { kind: "no_link" };
}

/** The candidate has said which of the attempts on this device is hers. */
export function choose(record: AttemptRecord, place: Place): Boot {
  place.session.setItem(tokenKey("attempt", record.attempt_id), record.token);
  place.replace(`attempt=${encodeURIComponent(record.attempt_id)}`);
  return { kind: "found", record, another: "no" };
}

/** It is somebody else's: not offered here any more. What the server has not got yet waits for her and her link. */
export async function disown(record: AttemptRecord, store: Store): Promise<void> {
  await store.putAttempt({ ...record, token: "" });
  await forgetSettled(record, store);
}

/** A clock that was set wrongly makes anything look old: what the server has not got yet is never thrown away. */
async function forgetSettled({ attempt_id }: AttemptRecord, store: Store): Promise<void> {
  const { entries, refused } = await store.load(attempt_id);
  if (entries.length === 0 && refused.length === 0) await store.forget(attempt_id);
}

/** Opens an earlier attempt of hers at the same test. */
export function openEarlier(
  { test_id, token }: AttemptRecord,
  { attempt_id }: OwnAttempt,
  place: Place,
  store: Store,
  wall_ms: number,
): Promise<Boot> {
  place.session.setItem(tokenKey("attempt", attempt_id), token);
  place.replace(`attempt=${encodeURIComponent(attempt_id)}`);
  return byAttempt(attempt_id, test_id, place, store, wall_ms);
}

/** Makes a further attempt at a test whose link this tab was opened with, and puts it into the address. */
export async function anotherAttempt(test_id: string, place: Place, restFor: (token: string) => Rest): Promise<void> {
  const token = place.session.getItem(tokenKey("test", test_id)) ?? "";
  adopt(await restFor(token).makeAttempt({ test_id }), token, place);
}

function adopt(made: AttemptMade, token: string, place: Place): void {
  place.session.setItem(tokenKey("attempt", made.attempt_id), made.token ?? token);
  place.replace(`attempt=${encodeURIComponent(made.attempt_id)}`);
}

async function byAttempt(
  attempt_id: string,
  test_id: string,
  place: Place,
  store: Store,
  wall_ms: number,
): Promise<Boot> {
  const known = await store.attempt(attempt_id);
  const token = place.session.getItem(tokenKey("attempt", attempt_id)) ?? known?.token ?? "";
  if (token === "") return { kind: "no_link" };
  const fresh = { attempt_id, test_id, title: "", candidate_name: "", paper: null, opened_at_ms: wall_ms };
  const record: AttemptRecord = { ...fresh, ...known, token };
  await store.putAttempt(record);
  // Only the link to the test can make a further attempt.
  const another = place.session.getItem(tokenKey("test", record.test_id)) === null ? "no" : "unknown";
  return { kind: "found", record, another };
}

async function byTest(
  test_id: string,
  place: Place,
  store: Store,
  restFor: (token: string) => Rest,
  wall_ms: number,
): Promise<Boot> {
  const token = place.session.getItem(tokenKey("test", test_id));
  if (token === null) return { kind: "no_link" };
  const rest = restFor(token);
  try {
    const made = await rest.makeAttempt({ test_id });
    adopt(made, token, place);
    const found = await byAttempt(made.attempt_id, test_id, place, store, wall_ms);
    if (made.attempt_number === 1 || made.state.status !== "initiated" || found.kind !== "found") return found;
    const earlier = await lastEnded(test_id, rest);
    return earlier === null ? found : { kind: "again", record: found.record, number: made.attempt_number, earlier };
  } catch (error) {
    if (!(error instanceof RestRefused)) return { kind: "unreachable" };
    const { code, detail } = error.problem;
    const earlier = OVER.has(code) ? await lastEnded(test_id, rest) : null;
    if (earlier === null) return { kind: "refused", code, detail };
    const hers = { attempt_id: "", test_id, title: "", candidate_name: "", token, paper: null, opened_at_ms: wall_ms };
    const found = await openEarlier(hers, earlier, place, store, wall_ms);
    return found.kind === "found" ? { ...found, another: "no" } : found;
  }
}

/** Her last attempt that is over; null: there is none, or nobody can tell now. */
async function lastEnded(test_id: string, rest: Rest): Promise<OwnAttempt | null> {
  try {
    const { attempts } = await rest.attempts(test_id);
    return attempts.filter(({ status }) => hasEnded(status)).at(-1) ?? null;
  } catch {
    return null;
  }
}
