/**
 * How the test-taker page finds its attempt. The token leaves the address at once (it would be copied along, and stay in
 * the history). The tab keeps it for a reload, and the device for the address that names the attempt, so that a crash of
 * the browser is no end. Both forget it when the attempt has ended.
 *
 * A bare `/sit` goes on only with what this very tab was opened for. The device may have another user by now: whose
 * attempts are open on it is said, and to go on with one takes its link.
 */

import { hasEnded } from "../core/candidate";
import { firstLook, type FirstLook } from "../core/first-look";
import type { AdmissionReply, AttemptMade, OwnAttempt } from "../generated/rest";
import type { SmallStorage } from "../io/browser-storage";
import { heardAt } from "../io/asked-early";
import { RestRefused, type Rest } from "../io/rest";
import type { AttemptRecord, Store } from "../io/store";

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
  | Found
  /** She has sat this test before, and may again: `found` is the new attempt, not started yet. */
  | { kind: "again"; found: Found; number: number; earlier: OwnAttempt };

export interface Found {
  kind: "found";
  record: AttemptRecord;
  another: Another;
  test_token: string | null;
  /** Null: the start page waits for a connection. */
  first: FirstLook | null;
}

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

/** The attempt that this tab was opened for. */
const HERE = "pencilsdown here";
const tokenKey = (kind: "attempt" | "test" | "result", id: string): string => `pencilsdown ${kind} ${id}`;

/** What this device keeps, which is opened when it is asked for. */
export interface Kept {
  store: Store;
  tidy: (store: Store, wall_ms: number, but: string) => Promise<void>;
}

/** `first`: the start page can be shown already, before anything of it is kept. */
export async function boot(
  place: Place,
  kept: () => Promise<Kept>,
  restFor: (token: string) => Rest,
  wall_ms: number,
  first: (look: FirstLook) => void = () => undefined,
): Promise<Boot> {
  const { attempt, test, result, token } = parseFragment(place.hash());
  if (result !== null) {
    if (token !== null) place.session.setItem(tokenKey("result", result), token);
    place.replace(`result=${encodeURIComponent(result)}`);
    const known = token ?? place.session.getItem(tokenKey("result", result));
    return known === null ? noLink(kept, wall_ms) : { kind: "result", attempt_id: result, token: known };
  }
  if (attempt !== null) {
    if (token !== null) place.session.setItem(tokenKey("attempt", attempt), token);
    place.replace(`attempt=${encodeURIComponent(attempt)}`);
    return byAttempt(attempt, "", place, kept, wall_ms);
  }
  if (test !== null) {
    if (token !== null) place.session.setItem(tokenKey("test", test), token);
    place.replace(`test=${encodeURIComponent(test)}`);
    return byTest(test, place, kept, restFor, wall_ms, first);
  }
  const here = place.session.getItem(HERE);
  if (here !== null) {
    place.replace(`attempt=${encodeURIComponent(here)}`);
    return byAttempt(here, "", place, kept, wall_ms);
  }
  return noLink(kept, wall_ms);
}

async function noLink(kept: () => Promise<Kept>, wall_ms: number): Promise<Boot> {
  const { store, tidy } = await kept();
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

/** Opens an earlier attempt of hers at the same test. */
export function openEarlier(
  { test_id, token }: AttemptRecord,
  { attempt_id }: OwnAttempt,
  place: Place,
  kept: () => Promise<Kept>,
  wall_ms: number,
): Promise<Boot> {
  place.session.setItem(tokenKey("attempt", attempt_id), token);
  place.replace(`attempt=${encodeURIComponent(attempt_id)}`);
  return byAttempt(attempt_id, test_id, place, kept, wall_ms);
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
  kept: () => Promise<Kept>,
  wall_ms: number,
  first: FirstLook | null = null,
): Promise<Boot> {
  const { store, tidy } = await kept();
  const known = await store.attempt(attempt_id);
  const token = place.session.getItem(tokenKey("attempt", attempt_id)) ?? known?.token ?? "";
  if (token === "") return noLink(kept, wall_ms);
  await tidy(store, wall_ms, attempt_id);
  const fresh = { attempt_id, test_id, title: "", candidate_name: "", paper: null, opened_at_ms: wall_ms, closes_at_ms: null };
  const record: AttemptRecord = { ...fresh, ...known, token };
  await store.putAttempt(record);
  place.session.setItem(HERE, attempt_id);
  // Only the link to the test can make a further attempt.
  const test_token = place.session.getItem(tokenKey("test", record.test_id));
  return { kind: "found", record, another: test_token === null ? "no" : "unknown", test_token, first };
}

async function byTest(
  test_id: string,
  place: Place,
  kept: () => Promise<Kept>,
  restFor: (token: string) => Rest,
  wall_ms: number,
  show: (look: FirstLook) => void,
): Promise<Boot> {
  const token = place.session.getItem(tokenKey("test", test_id));
  if (token === null) return noLink(kept, wall_ms);
  const rest = restFor(token);
  try {
    const made = await rest.makeAttempt({ test_id });
    const first = firstLook(made, heardAt());
    adopt(made, token, place);
    // A further attempt is asked about first.
    if (first !== null && made.attempt_number === 1) show(first);
    const found = await byAttempt(made.attempt_id, test_id, place, kept, wall_ms, first);
    if (made.attempt_number === 1 || made.state.status !== "initiated" || found.kind !== "found") return found;
    const earlier = await lastEnded(test_id, rest);
    if (earlier === null) return found;
    return { kind: "again", found, number: made.attempt_number, earlier };
  } catch (error) {
    if (!(error instanceof RestRefused)) {
      const known = await begunHere(test_id, token, (await kept()).store);
      return known === undefined ? { kind: "unreachable" } : byAttempt(known.attempt_id, test_id, place, kept, wall_ms);
    }
    const { code, detail } = error.problem;
    const earlier = NOT_NOW.has(code) ? await lastEnded(test_id, rest) : null;
    if (earlier === null || !OVER.has(code)) {
      const admission = NOT_NOW.has(code) ? await whyNot(test_id, rest) : null;
      return admission === null ? { kind: "refused", code, detail } : { kind: "wait", admission, token, earlier };
    }
    const found = await openEarlier(ofTest(test_id, token, wall_ms), earlier, place, kept, wall_ms);
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
