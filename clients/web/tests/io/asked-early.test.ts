import { readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { fetchUnlessAsked, heardAt } from "../../src/io/asked-early";
import { Rest } from "../../src/io/rest";
import { INITIATED } from "../made";

const made = { attempt_id: "a1", test_id: "t", attempt_number: 1, created: true, token: null, state: INITIATED };
const script = /<script>([^]*?)<\/script>/.exec(readFileSync(new URL("../../sit.html", import.meta.url), "utf8"))?.[1] ?? "";
const call = vi.fn<typeof fetch>();

/** What the document does with this link, before the page's own script is here. */
function documentOpens(hash: string, more: object = {}): void {
  vi.stubGlobal("window", { ...more });
  vi.stubGlobal("location", { hash });
  vi.stubGlobal("requestAnimationFrame", () => 0);
  new Function(script)();
}

beforeEach(() => {
  call.mockReset();
  call.mockImplementation(async () => new Response(JSON.stringify(made), { status: 201 }));
  vi.stubGlobal("fetch", call);
});
afterEach(() => vi.unstubAllGlobals());

it("takes the answer to what the document has asked for, once", async () => {
  documentOpens("#test=t%20%C3%BC&token=secret");
  expect(call).toHaveBeenCalledTimes(1);
  const rest = new Rest("secret", fetchUnlessAsked);
  expect(await rest.makeAttempt({ test_id: "t ü" })).toEqual(made);
  expect(call).toHaveBeenCalledTimes(1);
  await rest.makeAttempt({ test_id: "t ü" });
  expect(call).toHaveBeenCalledTimes(2);
  // The same call, but for the signal that ends it.
  const [first, second] = call.mock.calls.map(([path, init]) => [path, { ...init, signal: null }]);
  expect(first).toEqual(second);
});

it("asks by itself for another test, and with another link", async () => {
  documentOpens("#test=t&token=secret");
  await new Rest("secret", fetchUnlessAsked).makeAttempt({ test_id: "other" });
  await new Rest("other", fetchUnlessAsked).makeAttempt({ test_id: "t" });
  expect(call).toHaveBeenCalledTimes(3);
});

it("gives up what takes too long", async () => {
  call.mockImplementation((_, init) => new Promise((_resolve, reject) => init?.signal?.addEventListener("abort", () => reject(new Error("aborted")))));
  documentOpens("#test=t&token=secret");
  const control = new AbortController();
  const init = { method: "POST", headers: { Authorization: "Bearer secret" }, body: '{"test_id":"t"}', signal: control.signal };
  const asked = fetchUnlessAsked("/test-attempts", init);
  control.abort();
  await expect(asked).rejects.toThrow("aborted");
});

it.each(["", "#attempt=a&token=x", "#result=a&token=x", "#test=t", "#token=x", "#attempt=a&test=t&token=x"])("is asked for nothing by %j", (hash) => {
  documentOpens(hash);
  expect(call).not.toHaveBeenCalled();
});

it("is asked for nothing in a browser that proves in each call what it is", () => {
  documentOpens("#test=t&token=x", { SafeExamBrowser: {} });
  expect(call).not.toHaveBeenCalled();
});

it("tells when the answer came, however long the page's script took", async () => {
  const clock = vi.spyOn(performance, "now").mockReturnValue(1_000);
  try {
    documentOpens("#test=t&token=secret");
    await window.askedEarly?.answer;
    clock.mockReturnValue(9_000);
    const rest = new Rest("secret", fetchUnlessAsked);
    await rest.makeAttempt({ test_id: "t" });
    expect(heardAt()).toBe(Math.round(performance.timeOrigin + 1_000));
    await rest.makeAttempt({ test_id: "t" });
    expect(heardAt()).toBe(Math.round(performance.timeOrigin + 9_000));
  } finally {
    clock.mockRestore();
  }
});
