import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it } from "vitest";
import { INITIATED, PAPER, state } from "../made";
import { Rest } from "../../src/io/rest";
import { openStore, type AttemptRecord, type Store } from "../../src/io/store";
import { tidy } from "../../src/io/tidying";
import { anotherAttempt, boot, leave, openEarlier, parseFragment, type Kept, type Place } from "../../src/sit/boot";

let store: Store;
let count = 0;
const kept = async (): Promise<Kept> => ({ store, tidy });
beforeEach(async () => {
  store = await openStore(`boot ${(count += 1)}`);
});

class Tab implements Place {
  private readonly kept = new Map<string, string>();

  constructor(public fragment: string) {}

  hash(): string {
    return this.fragment;
  }

  replace(fragment: string): void {
    this.fragment = `#${fragment}`;
  }

  clear(): void {
    this.fragment = "";
  }

  session = {
    getItem: (key: string): string | null => this.kept.get(key) ?? null,
    setItem: (key: string, value: string): void => void this.kept.set(key, value),
    removeItem: (key: string): void => void this.kept.delete(key),
  };
}

const times = { opened_at_ms: 1000, closes_at_ms: null };
const record: AttemptRecord = { attempt_id: "a1", test_id: "t", title: "Test", candidate_name: "Ada", token: "secret", paper: PAPER, ...times };
const made = { attempt_id: "a1", test_id: "t", attempt_number: 1, created: true, token: null, state: INITIATED };

function problem(): Response {
  const over = { type: "urn:pencilsdown:refusal:attempt_limit", title: "", status: 409 };
  const body = { ...over, detail: "No further attempt.", code: "attempt_limit", retry: "never" };
  return new Response(JSON.stringify(body), { status: 409 });
}

function server(reply: () => Response): (token: string) => Rest {
  return (token) => new Rest(token, () => Promise.resolve(reply()));
}

const nobody = server(() => {
  throw new TypeError("no network");
});

/** A server that makes attempts so, and lists these as hers. */
function knows(reply: () => Response, attempts: object[] | null): (token: string) => Rest {
  return (token) =>
    new Rest(token, (path, init) => {
      if (init?.method === "POST") return Promise.resolve(reply());
      expect(path).toBe("/test-attempts?test_id=t");
      if (attempts === null) return Promise.reject(new TypeError("no network"));
      return Promise.resolve(new Response(JSON.stringify({ attempts })));
    });
}
const makes = server(() => new Response(JSON.stringify(made), { status: 201 }));

it("reads the fragment", () => {
  expect(parseFragment("#test=a%20b&token=x")).toEqual({ attempt: null, test: "a b", result: null, token: "x" });
  expect(parseFragment("")).toEqual({ attempt: null, test: null, result: null, token: null });
});

describe("a link to an attempt", () => {
  it("loses its token, which the tab and the device keep", async () => {
    const tab = new Tab("#attempt=a1&token=secret");
    expect(await boot(tab, kept, nobody, 5)).toMatchObject({ kind: "found", record: { token: "secret" } });
    expect(tab.fragment).toBe("#attempt=a1");
    expect(await boot(tab, kept, nobody, 6)).toMatchObject({ kind: "found", record: { token: "secret" } });
    expect(await boot(new Tab("#attempt=a1"), kept, nobody, 7)).toMatchObject({ kind: "found" });
  });

  it("with a newer token replaces the old one, and keeps the rest", async () => {
    await store.putAttempt(record);
    const found = await boot(new Tab("#attempt=a1&token=fresh"), kept, nobody, 5);
    expect(found).toMatchObject({ record: { token: "fresh", title: "Test" } });
  });

  it("without a token anywhere says what to do", async () => {
    expect(await boot(new Tab("#attempt=a1"), kept, nobody, 5)).toEqual({ kind: "no_link", running: [] });
  });
});

describe("a link to a test", () => {
  it("makes the attempt, and names it in the address from then on", async () => {
    const tab = new Tab("#test=t&token=secret");
    expect(await boot(tab, kept, makes, 5)).toMatchObject({ kind: "found", record: { attempt_id: "a1" } });
    expect(tab.fragment).toBe("#attempt=a1");
  });

  it("tells a refusal from a server that can't be reached", async () => {
    const refuses = server(problem);
    const tab = new Tab("#test=t&token=secret");
    expect(await boot(tab, kept, nobody, 5)).toEqual({ kind: "unreachable" });
    expect(await boot(tab, kept, refuses, 5)).toMatchObject({ kind: "refused", code: "attempt_limit" });
  });

  it("takes the answer of a captive portal for no answer", async () => {
    for (const answer of ["{}", '{"attempt_id":"a1"}', "<html>Pay here</html>", "null", "[]"]) {
      const portal = server(() => new Response(answer));
      expect(await boot(new Tab("#test=t&token=secret"), kept, portal, 5)).toEqual({ kind: "unreachable" });
    }
  });
});

describe("a link to a test that she has taken", () => {
  const second = { ...made, attempt_id: "a2", attempt_number: 2, state: INITIATED };
  const more = (): Response => new Response(JSON.stringify(second), { status: 201 });
  const hers = [
    { attempt_id: "a1", attempt_number: 1, status: "completed" },
    { attempt_id: "a2", attempt_number: 2, status: "initiated" },
  ];

  it("opens the last attempt when there is no further one", async () => {
    const tab = new Tab("#test=t&token=secret");
    const found = await boot(tab, kept, knows(problem, hers.slice(0, 1)), 5);
    expect(found).toMatchObject({ kind: "found", another: "no", record: { attempt_id: "a1", token: "secret" } });
    expect(tab.fragment).toBe("#attempt=a1");
  });

  it("says why when there is nothing to show either", async () => {
    for (const attempts of [[], null]) {
      const tab = new Tab("#test=t&token=secret");
      expect(await boot(tab, kept, knows(problem, attempts), 5)).toMatchObject({ kind: "refused", detail: "No further attempt." });
    }
  });

  it("lets her choose between a further attempt and the last one", async () => {
    const tab = new Tab("#test=t&token=secret");
    const again = await boot(tab, kept, knows(more, hers), 5);
    expect(again).toMatchObject({ kind: "again", number: 2, found: { record: { attempt_id: "a2" } }, earlier: hers[0] });
    if (again.kind !== "again") throw new Error("not again");
    const earlier = await openEarlier(again.found.record, again.earlier, tab, kept, 6);
    expect(earlier).toMatchObject({ kind: "found", another: "unknown", record: { attempt_id: "a1", token: "secret" } });
    expect(tab.fragment).toBe("#attempt=a1");
    await anotherAttempt("t", "secret", tab, knows(more, hers)("secret"));
    expect(tab.fragment).toBe("#attempt=a2");
    expect(await boot(tab, kept, nobody, 7)).toMatchObject({ kind: "found", record: { attempt_id: "a2" } });
  });

  it("opens a started attempt without asking", async () => {
    const running = { ...second, created: false, state: state() };
    const open = (): Response => new Response(JSON.stringify(running));
    const found = await boot(new Tab("#test=t&token=secret"), kept, knows(open, hers), 5);
    expect(found).toMatchObject({ kind: "found", record: { attempt_id: "a2" } });
  });
});

const body = { t: "answer", question_id: "q1", value: "b", position: null, client_at_ms: 1 } as const;
const unsent = { put: [{ key: 1, n: null, body, base: 0 }], removed: [] };
const nothing = { put: [], removed: [] };
const draft = { question_id: "q1", value: "b", code: "deadline_passed", detail: "Time is up.", base: 0 };

describe("no link at all", () => {
  it("says whose attempts are open on this device, and opens none of them", async () => {
    await store.putAttempt(record);
    await store.putAttempt({ ...record, attempt_id: "a2", token: "" });
    const tab = new Tab("");
    const running = [{ attempt_id: "a1", candidate_name: "Ada", title: "Test" }];
    expect(await boot(tab, kept, nobody, 2000)).toEqual({ kind: "no_link", running });
    expect(tab.fragment).toBe("");
  });

  it("goes on with what this tab was opened for, until it has ended", async () => {
    const tab = new Tab("#attempt=a1&token=secret");
    await boot(tab, kept, nobody, 5);
    tab.fragment = "";
    const found = await boot(tab, kept, nobody, 6);
    expect(found).toMatchObject({ kind: "found", record: { attempt_id: "a1" } });
    expect(tab.fragment).toBe("#attempt=a1");
    leave(record, tab);
    await store.forget("a1");
    expect(tab.fragment).toBe("");
    expect(await boot(tab, kept, nobody, 7)).toEqual({ kind: "no_link", running: [] });
  });

  it("of a test in this tab is left with the attempt, but a further attempt is found after a reload", async () => {
    const tab = new Tab("#test=t&token=secret");
    await boot(tab, kept, makes, 5);
    leave(record, tab);
    tab.fragment = "#test=t";
    expect(await boot(tab, kept, makes, 6)).toMatchObject({ kind: "no_link" });
    await anotherAttempt("t", "secret", tab, makes("secret"));
    expect(await boot(tab, kept, nobody, 7)).toMatchObject({ kind: "found", another: "unknown", test_token: "secret" });
  });
});

describe("what is over", () => {
  const week = 8 * 24 * 3600 * 1000;

  it("is taken off the device by whoever comes next", async () => {
    for (const [closes_at_ms, at] of [[null, week], [10_000, 2 * 3600 * 1000]] as const) {
      await store.putAttempt({ ...record, closes_at_ms });
      await boot(new Tab("#attempt=a2&token=secret"), kept, nobody, at);
      expect(await store.attempt("a1")).toBeNull();
    }
  });

  it("stays as long as it may be running", async () => {
    await store.putAttempt({ ...record, closes_at_ms: 10_000 });
    await boot(new Tab("#attempt=a2&token=secret"), kept, nobody, 20_000);
    expect(await store.attempt("a1")).toMatchObject({ token: "secret" });
  });

  it("leaves what the server has not got, or refused, and nothing else", async () => {
    await store.putAttempt(record);
    await store.putAttempt({ ...record, attempt_id: "a2" });
    await store.write("a1", unsent, new Map(), null);
    await store.write("a2", nothing, new Map([["q1", draft]]), null);
    expect(await boot(new Tab(""), kept, nobody, week)).toEqual({ kind: "no_link", running: [] });
    for (const attempt_id of ["a1", "a2"]) {
      expect(await store.attempt(attempt_id)).toMatchObject({ token: "", paper: null, candidate_name: "", title: "" });
    }
    expect((await store.load("a1")).entries).toHaveLength(1);
    expect((await store.load("a2")).refused).toHaveLength(1);
    expect(await boot(new Tab("#attempt=a1&token=secret"), kept, nobody, week)).toMatchObject({ kind: "found" });
  });
});

describe("a link to a result", () => {
  it("is kept by its tab for a reload, and by nothing else of the device", async () => {
    const tab = new Tab("#result=a1&token=shows");
    expect(await boot(tab, kept, nobody, 5)).toEqual({ kind: "result", attempt_id: "a1", token: "shows" });
    expect(tab.fragment).toBe("#result=a1");
    expect(await boot(tab, kept, nobody, 6)).toEqual({ kind: "result", attempt_id: "a1", token: "shows" });
    expect(await store.attempts()).toEqual([]);
    expect((await boot(new Tab("#result=a1"), kept, nobody, 7)).kind).toBe("no_link");
  });

  it("does not open the attempt that another tab of this device sits", async () => {
    await store.putAttempt(record);
    expect(await boot(new Tab("#result=a1&token=shows"), kept, nobody, 5)).toEqual({ kind: "result", attempt_id: "a1", token: "shows" });
    expect((await store.attempt("a1"))?.token).toBe("secret");
  });
});
