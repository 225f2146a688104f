/**
 * How the test-taker page finds its attempt. The token leaves the address at once (it would be copied along, and stay in
 * the history); the tab keeps it for a reload, and the device until the attempt has ended, so that a crash of the
 * browser is no end. A bare `/sit` on a device that holds an open attempt asks first: the next candidate may sit here.
 */

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
  | { kind: "found"; record: AttemptRecord };

/** The parts of the browser that this needs. */
export interface Place {
  hash(): string;
  /** Replaces the fragment in the address, without a new entry in the history. */
  replace(fragment: string): void;
  session: Pick<Storage, "getItem" | "setItem">;
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
  await Promise.all(
    attempts.filter((known) => wall_ms - known.opened_at_ms > OLD_MS).map((old) => store.forget(old.attempt_id)),
  );
  const open = attempts.filter((known) => known.token !== "");
  return open.length > 0 ? { kind: "choose", attempts: open } : { kind: "no_link" };
}

/** The candidate has said which of the attempts on this device is hers. */
export function choose(record: AttemptRecord, place: Place): Boot {
  place.session.setItem(tokenKey("attempt", record.attempt_id), record.token);
  place.replace(`attempt=${encodeURIComponent(record.attempt_id)}`);
  return { kind: "found", record };
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
  const fresh = { attempt_id, test_id, title: "", paper: null, opened_at_ms: wall_ms };
  const record: AttemptRecord = { ...fresh, ...known, token };
  await store.putAttempt(record);
  return { kind: "found", record };
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
  try {
    const made = await restFor(token).makeAttempt({ test_id });
    place.session.setItem(tokenKey("attempt", made.attempt_id), made.token ?? token);
    place.replace(`attempt=${encodeURIComponent(made.attempt_id)}`);
    return await byAttempt(made.attempt_id, test_id, place, store, wall_ms);
  } catch (error) {
    if (!(error instanceof RestRefused)) return { kind: "unreachable" };
    const { code, detail } = error.problem;
    return { kind: "refused", code, detail };
  }
}
