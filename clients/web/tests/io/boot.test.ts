import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it } from "vitest";
import { Rest } from "../../src/io/rest";
import { openStore, type Store } from "../../src/io/store";
import { boot, choose, parseFragment, type Place } from "../../src/sit/boot";

let store: Store;
let count = 0;
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

  session = {
    getItem: (key: string): string | null => this.kept.get(key) ?? null,
    setItem: (key: string, value: string): void => void this.kept.set(key, value),
  };
}

const record = { attempt_id: "a1", test_id: "t", title: "Test", token: "secret", paper: null, opened_at_ms: 1000 };
const made = { attempt_id: "a1", test_id: "t", attempt_number: 1, created: true, token: null, state: {} };

function server(reply: () => Response): (token: string) => Rest {
  return (token) => new Rest(token, () => Promise.resolve(reply()));
}

const nobody = server(() => {
  throw new TypeError("no network");
});
const makes = server(() => new Response(JSON.stringify(made), { status: 201 }));

it("reads the fragment", () => {
  expect(parseFragment("#test=a%20b&token=x")).toEqual({ attempt: null, test: "a b", token: "x" });
  expect(parseFragment("")).toEqual({ attempt: null, test: null, token: null });
});

describe("a link to an attempt", () => {
  it("loses its token, which the tab and the device keep", async () => {
    const tab = new Tab("#attempt=a1&token=secret");
    expect(await boot(tab, store, nobody, 5)).toMatchObject({ kind: "found", record: { token: "secret" } });
    expect(tab.fragment).toBe("#attempt=a1");
    expect(await boot(tab, store, nobody, 6)).toMatchObject({ kind: "found", record: { token: "secret" } });
    expect(await boot(new Tab("#attempt=a1"), store, nobody, 7)).toMatchObject({ kind: "found" });
  });

  it("with a newer token replaces the old one, and keeps the rest", async () => {
    await store.putAttempt(record);
    const found = await boot(new Tab("#attempt=a1&token=fresh"), store, nobody, 5);
    expect(found).toMatchObject({ record: { token: "fresh", title: "Test" } });
  });

  it("without a token anywhere says what to do", async () => {
    expect(await boot(new Tab("#attempt=a1"), store, nobody, 5)).toEqual({ kind: "no_link" });
  });
});

describe("a link to a test", () => {
  it("makes the attempt, and names it in the address from then on", async () => {
    const tab = new Tab("#test=t&token=secret");
    expect(await boot(tab, store, makes, 5)).toMatchObject({ kind: "found", record: { attempt_id: "a1" } });
    expect(tab.fragment).toBe("#attempt=a1");
  });

  it("tells a refusal from a server that can't be reached", async () => {
    const body = { code: "attempt_limit", detail: "No further attempt.", retry: "never", status: 409 };
    const refuses = server(() => new Response(JSON.stringify(body), { status: 409 }));
    const tab = new Tab("#test=t&token=secret");
    expect(await boot(tab, store, nobody, 5)).toEqual({ kind: "unreachable" });
    expect(await boot(tab, store, refuses, 5)).toMatchObject({ kind: "refused", code: "attempt_limit" });
  });
});

describe("no link at all", () => {
  it("asks whose the open attempt on this device is", async () => {
    await store.putAttempt(record);
    await store.putAttempt({ ...record, attempt_id: "a2", token: "" });
    const tab = new Tab("");
    expect(await boot(tab, store, nobody, 2000)).toEqual({ kind: "choose", attempts: [record] });
    expect(choose(record, tab)).toMatchObject({ kind: "found" });
    expect(tab.fragment).toBe("#attempt=a1");
  });

  it("forgets attempts of long ago", async () => {
    await store.putAttempt(record);
    expect(await boot(new Tab(""), store, nobody, 8 * 24 * 3600 * 1000)).toMatchObject({ kind: "choose" });
    expect(await boot(new Tab(""), store, nobody, 8 * 24 * 3600 * 1000)).toEqual({ kind: "no_link" });
  });
});
