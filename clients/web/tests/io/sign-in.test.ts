import { expect, it } from "vitest";
import "../../src/core/staff-shape";
import { Rest, RestRefused } from "../../src/io/rest";
import { NotBegun, SignIn, cameBack } from "../../src/io/sign-in";

/** A tab, and a server that gives these answers in their order. */
function tab(...replies: object[]): { signIn: SignIn; kept: Map<string, string>; sent: [string, unknown][] } {
  const kept = new Map<string, string>();
  const sent: [string, unknown][] = [];
  const rest = new Rest("", (path, init) => {
    sent.push([path as string, typeof init?.body === "string" ? JSON.parse(init.body) : null]);
    const reply = replies.shift() ?? {};
    return Promise.resolve(new Response(JSON.stringify(reply), { status: "status" in reply ? Number(reply.status) : 200 }));
  });
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
    keeps: () => true,
  };
  return { signIn: new SignIn(rest, storage, (bytes) => bytes.fill(0xfb)), kept, sent };
}

const VERIFIER = "-_v7".repeat(10) + "-_s";
const BACK = { state: "s", code: "c", error: "", issuer: "https://idp.example" };
const BEGUN = { address: "https://idp.example/authorize" };

it.each<[string, ReturnType<typeof cameBack>]>([
  ["", null],
  ["?state=s", null],
  ["?code=c", null],
  ["?error=access_denied", null],
  ["?code=c&state=s&iss=https%3A%2F%2Fidp.example&session_state=x", BACK],
  ["?error=access_denied&error_description=%3Cb%3E&state=s", { state: "s", code: "", error: "access_denied", issuer: null }],
  ["?error=%3Cscript%3E&state=s", { state: "s", code: "", error: "error", issuer: null }],
])("what stands in the address: %s", (search, found) => {
  expect(cameBack(search)).toEqual(found);
});

it("goes to the provider with a secret that the tab alone keeps, and comes back to where it was", async () => {
  const { signIn, kept, sent } = tab(BEGUN, { token: "t", expires_at_ms: 1 });
  expect(await signIn.begin("#test=a")).toBe(BEGUN.address);
  expect([...kept.values()].join()).toContain(VERIFIER);
  expect(signIn.signed_in).toBe(false);
  expect(await signIn.finish(BACK)).toEqual({ token: "t", fragment: "#test=a" });
  expect(sent).toEqual([
    ["/sign-in", { verifier: VERIFIER }],
    ["/sign-in/finish", { state: "s", code: "c", verifier: VERIFIER, issuer: BACK.issuer }],
  ]);
  expect(signIn.signed_in).toBe(true);
  expect([...kept.values()].join()).not.toContain(VERIFIER);
});

it("finishes no sign-in that this tab has not begun, and each one once", async () => {
  const { signIn, sent } = tab(BEGUN, { type: "", title: "", status: 401, detail: "Because.", code: "token_invalid", retry: "never" });
  await expect(signIn.finish(BACK)).rejects.toThrow(NotBegun);
  expect(() => signIn.giveUp()).toThrow(NotBegun);
  expect(sent).toEqual([]);
  await signIn.begin("");
  await expect(signIn.finish(BACK)).rejects.toThrow(RestRefused);
  await expect(signIn.finish(BACK)).rejects.toThrow(NotBegun);
  expect(signIn.signed_in).toBe(false);
});

it("says where to go on after the provider has let nobody in", async () => {
  const { signIn } = tab(BEGUN);
  await signIn.begin("#office=1");
  expect(signIn.giveUp()).toBe("#office=1");
  expect(() => signIn.giveUp()).toThrow(NotBegun);
});
