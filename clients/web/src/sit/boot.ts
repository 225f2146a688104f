/**
 * How the test-taker page finds its attempt. The token leaves the address at once (it would be copied along, and stay in
 * the history). The tab keeps it for a reload, and the device for the address that names the attempt, so that a crash of
 * the browser is no end. Both forget it when the attempt has ended.
 *
 * A bare `/sit` goes on only with what this very tab was opened for. The device may have another user by now: whose
 * attempts are open on it is said, and to go on with one takes its link.
 */

import { hasEnded } from "../core/candidate";
import type { AdmissionReply, AttemptMade, OwnAttempt } from "../generated/rest";
import type { SmallStorage } from "../io/browser-storage";
import { forgetFilesBut } from "../io/paper-files";
import { RestRefused, type Rest } from "../io/rest";
import { strip, type AttemptRecord, type Store } from "../io/store";

export interface Fragment {
  attempt: string | null;
  test: string | null;
  /** The attempt whose result the token shows. */
  result: string | null;
  token: string | null;
}

export function parseFragment(hash: string): Fragment {
  const fields = new URLSearchParams(hash.replace(/^#/, ""));
  const get = (name: string): string | null => fields.get(name) || null;
  return { attempt: get("attempt"), test: get("test"), result: get("result"), token: get("token") };
}

export type Boot =
  | { kind: "loading" }
  | { kind: "no_link"; running: Running[] }
  /** A link to a result: the device keeps nothing of it, and this tab its token for a reload. */
  | { kind: "result"; attempt_id: string; token: string }
  | { kind: "refused"; code: string; detail: string }
  | { kind: "unreachable" }
  /** She may not make an attempt now, or has to choose a form first. `earlier`: her last attempt that is over. */
  | { kind: "wait"; admission: AdmissionReply; token: string; earlier: OwnAttempt | null }
  | { kind: "found"; record: AttemptRecord; another: Another; test_token: string | null }
  /** She has sat this test before, and may again: `record` is the new attempt, not started yet. */
  | { kind: "again"; record: AttemptRecord; test_token: string | null; number: number; earlier: OwnAttempt };

/** An attempt on this device that has not ended, as far as the device knows; either text may be empty. */
export interface Running {
  attempt_id: string;
  candidate_name: string;
  title: string;
}

/** Whether a further attempt is allowed: only asking for one can tell. "no" also where the link opens one attempt only. */
export type Another = "unknown" | "yes" | "no";

/** Refusals of a new attempt: `admission` tells every reason, and from when it no longer holds. */
const NOT_NOW: ReadonlySet<string> = new Set(["not_active", "not_enrolled", "account_off", "attempt_limit", "attempt_delay", "window_closed", "unknown_form"]);
/** Refusals of a new attempt that leave the earlier ones to be looked at. */
const OVER: ReadonlySet<string> = new Set(["attempt_limit", "window_closed"]);

/** The parts of the browser that this needs. */
export interface Place {
  hash(): string;
  /** Replaces the fragment in the address, without a new entry in the history. */
  replace(fragment: string): void;
  /** Takes the fragment out of the address. */
  clear(): void;
  session: SmallStorage;
}

/** An attempt that was opened so long ago is over, and so is one whose time ran out so long ago. */
const OLD_MS = 7 * 24 * 3600 * 1000;
const OVER_MS = 3600 * 1000;
/** The attempt that this tab was opened for. */
const HERE = "pencilsdown here";
const tokenKey = (kind: "attempt" | "test" | "result", id: string): string => `pencilsdown ${kind} ${id}`;

export async function boot(
  place: Place,
  store: Store,
  restFor: (token: string) => Rest,
  wall_ms: number,
): Promise<Boot> {
  const { attempt, test, result, token } = parseFragment(place.hash());
  if (result !== null) {
    if (token !== null) place.session.setItem(tokenKey("result", result), token);
    place.replace(`result=${encodeURIComponent(result)}`);
    const kept = token ?? place.session.getItem(tokenKey("result", result));
    return kept === null ? noLink(store, wall_ms) : { kind: "result", attempt_id: result, token: kept };
  }
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
  const here = place.session.getItem(HERE);
  if (here !== null) {
    place.replace(`attempt=${encodeURIComponent(here)}`);
    return byAttempt(here, "", place, store, wall_ms);
  }
  return noLink(store, wall_ms);
}

async function noLink(store: Store, wall_ms: number): Promise<Boot> {
  await tidy(store, wall_ms, "");
  const open = (await store.attempts()).filter(({ token }) => token !== "");
  return { kind: "no_link", running: open.map(({ attempt_id, candidate_name, title }) => ({ attempt_id, candidate_name, title })) };
}

/** This tab is for this attempt, also after a reload. */
export function enter({ attempt_id, token }: AttemptRecord, place: Place): void {
  place.session.setItem(HERE, attempt_id);
  place.session.setItem(tokenKey("attempt", attempt_id), token);
  place.replace(`attempt=${encodeURIComponent(attempt_id)}`);
}

/** The attempt has ended: nothing in this tab leads to it any more. */
export function leave({ attempt_id, test_id }: AttemptRecord, place: Place): void {
  place.session.removeItem(HERE);
  place.session.removeItem(tokenKey("attempt", attempt_id));
  place.session.removeItem(tokenKey("test", test_id));
  place.clear();
}

/**
 * Takes off the device what is left of attempts that are over, `but` one: their tokens and papers, and everything of those
 * whose answers the server has. A clock that was set wrongly makes anything look old, so what the server has not got yet
 * stays.
 */
async function tidy(store: Store, wall_ms: number, but: string): Promise<void> {
  for (const known of await store.attempts()) {
    const { attempt_id, opened_at_ms, closes_at_ms } = known;
    const is_over = wall_ms - opened_at_ms > OLD_MS || (closes_at_ms !== null && wall_ms - closes_at_ms > OVER_MS);
    if (is_over && attempt_id !== but) await strip(known, store);
  }
  if (store.durable) await forgetFilesBut((await store.attempts()).filter(({ token }) => token !== "").map(({ attempt_id }) => attempt_id));
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
export async function anotherAttempt(test_id: string, token: string, place: Place, rest: Rest, form_id: string | null = null): Promise<void> {
  const made = await rest.makeAttempt({ test_id, form_id });
  place.session.setItem(tokenKey("test", test_id), token);
  adopt(made, token, place);
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
  if (token === "") return noLink(store, wall_ms);
  await tidy(store, wall_ms, attempt_id);
  const fresh = { attempt_id, test_id, title: "", candidate_name: "", paper: null, opened_at_ms: wall_ms, closes_at_ms: null };
  const record: AttemptRecord = { ...fresh, ...known, token };
  await store.putAttempt(record);
  place.session.setItem(HERE, attempt_id);
  // Only the link to the test can make a further attempt.
  const test_token = place.session.getItem(tokenKey("test", record.test_id));
  return { kind: "found", record, another: test_token === null ? "no" : "unknown", test_token };
}

async function byTest(
  test_id: string,
  place: Place,
  store: Store,
  restFor: (token: string) => Rest,
  wall_ms: number,
): Promise<Boot> {
  const token = place.session.getItem(tokenKey("test", test_id));
  if (token === null) return noLink(store, wall_ms);
  const rest = restFor(token);
  try {
    const made = await rest.makeAttempt({ test_id });
    adopt(made, token, place);
    const found = await byAttempt(made.attempt_id, test_id, place, store, wall_ms);
    if (made.attempt_number === 1 || made.state.status !== "initiated" || found.kind !== "found") return found;
    const earlier = await lastEnded(test_id, rest);
    if (earlier === null) return found;
    const { record, test_token } = found;
    return { kind: "again", record, test_token, number: made.attempt_number, earlier };
  } catch (error) {
    if (!(error instanceof RestRefused)) {
      const known = await begunHere(test_id, token, store);
      return known === undefined ? { kind: "unreachable" } : byAttempt(known.attempt_id, test_id, place, store, wall_ms);
    }
    const { code, detail } = error.problem;
    const earlier = NOT_NOW.has(code) ? await lastEnded(test_id, rest) : null;
    if (earlier === null || !OVER.has(code)) {
      const admission = NOT_NOW.has(code) ? await whyNot(test_id, rest) : null;
      return admission === null ? { kind: "refused", code, detail } : { kind: "wait", admission, token, earlier };
    }
    const found = await openEarlier(ofTest(test_id, token, wall_ms), earlier, place, store, wall_ms);
    return found.kind === "found" ? { ...found, another: "no" } : found;
  }
}

/** Her newest attempt at the test that was begun on this device: it goes on without a network. */
async function begunHere(test_id: string, token: string, store: Store): Promise<AttemptRecord | undefined> {
  const hers = (await store.attempts()).filter((known) => known.test_id === test_id && known.token === token && known.paper !== null);
  return hers.sort((a, b) => a.opened_at_ms - b.opened_at_ms).at(-1);
}

/** Stands for a record where only the test is known. */
export function ofTest(test_id: string, token: string, wall_ms: number): AttemptRecord {
  const nothing = { attempt_id: "", title: "", candidate_name: "", paper: null, closes_at_ms: null };
  return { ...nothing, test_id, token, opened_at_ms: wall_ms };
}

/** Every reason against a new attempt; null: nobody can tell now, or none is left, and there is no form to choose. */
async function whyNot(test_id: string, rest: Rest): Promise<AdmissionReply | null> {
  try {
    const admission = await rest.admission(test_id);
    return admission.hindrances.length > 0 || admission.forms.length > 0 ? admission : null;
  } catch {
    return null;
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
