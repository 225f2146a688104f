import { describe, expect, it } from "vitest";
import { Fetcher } from "../../src/io/fetcher";
import { Rest } from "../../src/io/rest";
import { PAPER, state } from "../made";
import { FakeDevice } from "./world";

/** A page after the end, whose requests for the result are refused like this; and the refusals that it was told. */
async function asks(status: number, code: string, retry: string): Promise<{ asked: number; notes: string[] }> {
  const device = new FakeDevice();
  let asked = 0;
  const notes: string[] = [];
  const rest = new Rest("secret", () => {
    asked += 1;
    const problem = { type: "", title: "", status, detail: "Because.", code, retry };
    return Promise.resolve(new Response(JSON.stringify(problem), { status }));
  });
  const told = { paper: () => undefined, result: () => undefined, note: (note: string) => notes.push(note) };
  new Fetcher("a", rest, device, told).want(state({ status: "completed", ended_as: "submitted" }), PAPER);
  await device.pass(300_000);
  return { asked, notes };
}

describe("the result", () => {
  it("is asked for again while it is being made", async () => {
    expect((await asks(409, "not_ready", "later")).asked).toBeGreaterThan(5);
  });

  it("is not asked for again with a link that has ended", async () => {
    expect(await asks(401, "token_expired", "later")).toEqual({ asked: 1, notes: ["Because."] });
  });

  it("is not asked for again where the test hides it", async () => {
    expect((await asks(403, "result_hidden", "never")).asked).toBe(1);
  });
});
