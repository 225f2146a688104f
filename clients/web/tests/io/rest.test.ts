import { describe, expect, it, vi } from "vitest";
import { PeopleRest } from "../../src/io/people";
import { Rest, RestRefused, RestUnreachable } from "../../src/io/rest";
import { batches, send } from "../../src/io/rest-sender";
import type { Answer, Operation } from "../../src/generated/messages";
import { state } from "../made";

const problem = (status: number, code: string, retry: string): Response =>
  new Response(JSON.stringify({ type: "", title: "", status, detail: "Because.", code, retry }), { status });

function rest(reply: () => Response | Promise<Response>, seen: [string, RequestInit][] = []): Rest {
  return new Rest("secret", (path, init) => {
    seen.push([path as string, init ?? {}]);
    return Promise.resolve(reply());
  });
}

const answer = (n: number, value = "a"): Answer => ({
  t: "answer",
  n,
  question_id: `q${n}`,
  value,
  position: null,
  client_at_ms: 0,
});
const STATE = state();
const REPLY = { acked: [1], refused: [], seq: 5, committed_at_ms: 9, state: STATE };

describe("Rest", () => {
  it("sends the token in a header and never in the address", async () => {
    const seen: [string, RequestInit][] = [];
    await rest(() => new Response("{}"), seen).result("a/b").catch(() => undefined);
    expect(seen[0]?.[0]).toBe("/test-attempts/a%2Fb/result");
    expect(seen[0]?.[1].headers).toMatchObject({ Authorization: "Bearer secret" });
  });

  it("replaces nothing unseen", async () => {
    const seen: [string, RequestInit][] = [];
    const people = new PeopleRest(rest(() => problem(412, "changed_meanwhile", "never"), seen), "exam");
    const said = { override: { extra_time_ms: 1 }, reason: "x" };
    for (const tag of [null, '"a"']) await expect(people.grant({ kind: "user", id: "ada" }, said, tag)).rejects.toThrow(RestRefused);
    await expect(people.takeBack({ kind: "user", id: "ada" }, '"b"')).rejects.toThrow(RestRefused);
    const sent = (name: string): unknown[] => seen.map(([, { headers }]) => (headers as Record<string, string>)[name]);
    expect(sent("If-None-Match")).toEqual(["*", undefined, undefined]);
    expect(sent("If-Match")).toEqual([undefined, '"a"', '"b"']);
  });

  it("tells a refusal by name from nobody being there", async () => {
    await expect(rest(() => problem(409, "not_ready", "later")).result("a")).rejects.toThrow(RestRefused);
    await expect(rest(() => new Response("<html>", { status: 502 })).result("a")).rejects.toThrow(RestUnreachable);
    await expect(rest(() => new Response("{}", { status: 502 })).result("a")).rejects.toThrow(RestUnreachable);
    await expect(rest(() => Promise.reject(new TypeError())).result("a")).rejects.toThrow(RestUnreachable);
  });
});

describe("what is not our server", () => {
  const strangers: [string, () => Response][] = [
    ["a portal's page", () => new Response("<html>Welcome to our network</html>", { status: 200 })],
    ["a portal's JSON", () => new Response("{}", { status: 200 })],
    ["a reply with half its fields", () => new Response(JSON.stringify({ ...REPLY, state: { status: "paused" } }))],
    ["a reply with a clock that is no number", () => new Response(JSON.stringify({ ...REPLY, committed_at_ms: "now" }))],
    ["a refusal with status 200", () => new Response(JSON.stringify({ code: "not_found", detail: "", retry: "never" }))],
  ];

  it.each(strangers)("%s is nobody's answer, to any call", async (_, reply) => {
    const { calls } = everyCall(rest(reply));
    for (const call of calls) await expect(call()).rejects.toThrow(RestUnreachable);
  });

  it("is told from a newer server, that says more", async () => {
    const more = { ...REPLY, news: 1, state: { ...STATE, news: 2 } };
    await expect(send(rest(() => new Response(JSON.stringify(more))), "a", "c", [answer(1)])).resolves.toMatchObject({ acked: [1] });
  });
});

/** All that a candidate's page calls. */
function everyCall(caller: Rest): { calls: (() => Promise<unknown>)[] } {
  const numbered = { n: 1, client_at_ms: 0 };
  return {
    calls: [
      () => caller.makeAttempt({ test_id: "t" }),
      () => caller.attempts("t"),
      () => caller.start("a", {}),
      () => caller.paper("a"),
      () => caller.heartbeat("a", { t0_ms: 1 }),
      () => caller.answers("a", { answers: [] }),
      () => caller.operate("a", "c", { t: "progress", ...numbered, question_index: 1 }),
      () => caller.operate("a", "c", { t: "flag", ...numbered, question_id: "q", flagged: true }),
      () => caller.operate("a", "c", { t: "receipt", ...numbered, message_id: "m", seen: true }),
      () => caller.complete("a", { n: 1 }),
      () => caller.resume("a", {}),
      () => caller.result("a"),
      () => caller.handIn("a", "q", "answer", new Blob(["x"])),
      () => caller.files("a"),
    ],
  };
}

it("sends a file as it is, and saves one under the name that the server says", async () => {
  const seen: [string, RequestInit][] = [];
  const kept = { hash: "0".repeat(64), type: "text/plain", size: 1 };
  await expect(rest(() => new Response(JSON.stringify(kept)), seen).handIn("a", "q 1", "answer", new Blob(["x"]))).resolves.toEqual(kept);
  expect(seen[0]?.[0]).toBe("/test-attempts/a/files?question_id=q+1&response_id=answer");
  expect(await new Response(seen[0]?.[1].body).text()).toBe("x");
  const headers = { "Content-Disposition": 'attachment; filename="answer-00000000.txt"' };
  const saved = await rest(() => new Response("x", { headers })).file("a", kept.hash);
  expect([saved.name, await saved.blob.text()]).toEqual(["answer-00000000.txt", "x"]);
  await expect(rest(() => problem(404, "not_found", "never")).file("a", kept.hash)).rejects.toThrow(RestRefused);
});

it("needs no method but GET and POST for a candidate: filters block the others", async () => {
  const seen: [string, RequestInit][] = [];
  for (const call of everyCall(rest(() => new Response("{}"), seen)).calls) await call().catch(() => undefined);
  expect(new Set(seen.map(([, { method }]) => method))).toEqual(new Set(["GET", "POST"]));
});

it("does without what older browsers lack", async () => {
  vi.stubGlobal("AbortSignal", {});
  const reply = (): Response => new Response(JSON.stringify(REPLY));
  await expect(rest(reply).answers("a", { answers: [] })).resolves.toEqual(REPLY);
  vi.unstubAllGlobals();
});

it("gives up a call that nobody answers", async () => {
  const silent = new Rest("secret", (_, init) => {
    return new Promise((_resolve, reject) => init?.signal?.addEventListener("abort", () => reject(new Error("aborted"))));
  });
  silent.patience = { ...silent.patience, timeoutMs: () => 1 };
  await expect(silent.result("a")).rejects.toThrow(RestUnreachable);
});

describe("Retry-After", () => {
  it("is obeyed where a call came too soon after others", async () => {
    vi.useFakeTimers();
    const seen: [string, RequestInit][] = [];
    const too_soon = (): Response => {
      const response = problem(429, "rate_limited", "later");
      response.headers.set("Retry-After", "7");
      return response;
    };
    const call = rest(() => (seen.length < 3 ? too_soon() : problem(409, "not_ready", "later")), seen).result("a");
    const ended = expect(call).rejects.toThrow("not_ready");
    await vi.advanceTimersByTimeAsync(6_999);
    expect(seen).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(seen).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(7_000);
    await ended;
    vi.useRealTimers();
  });

  it("is told with any other refusal", async () => {
    const busy = (): Response => {
      const response = problem(503, "overloaded", "later");
      response.headers.set("Retry-After", "3");
      return response;
    };
    await expect(rest(busy).result("a")).rejects.toMatchObject({ after_ms: 3_000 });
  });
});

describe("batches", () => {
  it("put answers together, in order, and everything else alone", () => {
    const flag: Operation = { t: "flag", n: 3, question_id: "q", flagged: true, client_at_ms: 0 };
    const calls = batches([answer(1), answer(2), flag, answer(4)], new Set());
    expect(calls.map((call) => call.map(({ n }) => n))).toEqual([[1, 2], [3], [4]]);
  });

  it("leave alone what may make the whole call fail", () => {
    const calls = batches([answer(1), answer(2), answer(3), answer(4)], new Set([2]));
    expect(calls.map((call) => call.map(({ n }) => n))).toEqual([[1], [2], [3, 4]]);
  });

  it("keep below the limit of a body", () => {
    const long = "é".repeat(16_000);
    const calls = batches(Array.from({ length: 20 }, (_, at) => answer(at + 1, long)), new Set());
    expect(calls.flat()).toHaveLength(20);
    for (const call of calls) expect(Buffer.byteLength(JSON.stringify(call))).toBeLessThan(256 * 1024);
  });
});

describe("send", () => {
  it("carries answers without their tag", async () => {
    const seen: [string, RequestInit][] = [];
    const outcome = await send(rest(() => new Response(JSON.stringify(REPLY)), seen), "a", "c", [answer(1)]);
    expect(JSON.parse(seen[0]?.[1].body as string)).toEqual({
      connection_id: "c",
      answers: [{ n: 1, question_id: "q1", value: "a", position: null, client_at_ms: 0 }],
    });
    expect(outcome).toMatchObject({ acked: [1], at_ms: 9 });
  });

  it("turns a refusal of the call into one of each operation", async () => {
    const outcome = await send(rest(() => problem(503, "overloaded", "later")), "a", "c", [answer(1), answer(2)]);
    expect(outcome.refused.map(({ n, code, retry }) => [n, code, retry])).toEqual([
      [1, "overloaded", "later"],
      [2, "overloaded", "later"],
    ]);
  });

  it("throws what is about the caller, so that no answer is dropped for it", async () => {
    for (const [status, code] of [
      [401, "token_invalid"],
      [403, "forbidden"],
      [404, "not_found"],
    ] as const) {
      await expect(send(rest(() => problem(status, code, "never")), "a", "c", [answer(1)])).rejects.toThrow(RestRefused);
    }
  });
});
