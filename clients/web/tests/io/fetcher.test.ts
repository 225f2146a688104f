import type { Why } from "../../src/core/candidate";
import { describe, expect, it } from "vitest";
import { Fetcher } from "../../src/io/fetcher";
import { Rest } from "../../src/io/rest";
import { PAPER, result, state } from "../made";
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
  const told = { paper: () => undefined, result: () => undefined, note: ({ code, detail }: Why) => notes.push(`${code}: ${detail}`) };
  new Fetcher("a", rest, device, () => device.now, told).want(state({ status: "completed", ended_as: "submitted" }), PAPER);
  await device.pass(300_000);
  return { asked, notes };
}

describe("the result", () => {
  it("is asked for again while it is being made", async () => {
    expect((await asks(409, "not_ready", "later")).asked).toBeGreaterThan(5);
  });

  it("is asked for every half minute in the first hour, and less often by a page that is left open", async () => {
    const device = new FakeDevice();
    device.random = () => 0;
    const asked_at: number[] = [];
    const problem = { type: "", title: "", status: 409, detail: "Later.", code: "not_released", retry: "later" };
    const rest = new Rest("secret", () => {
      asked_at.push(device.now);
      return Promise.resolve(new Response(JSON.stringify(problem), { status: 409 }));
    });
    const told = { paper: () => undefined, result: () => undefined, note: () => undefined };
    new Fetcher("a", rest, device, () => device.now, told).want(state({ status: "completed", ended_as: "submitted" }), PAPER);
    await device.pass(3_600_000);
    const first = asked_at.length;
    expect(first).toBeGreaterThan(100);
    await device.pass(3_600_000);
    expect(asked_at.length - first).toBeLessThanOrEqual(7);
  });

  it("is not asked for again with a link that has ended", async () => {
    expect(await asks(401, "token_expired", "later")).toEqual({ asked: 1, notes: ["token_expired: Because."] });
  });

  it("is not asked for again where the test hides it", async () => {
    expect((await asks(403, "result_hidden", "never")).asked).toBe(1);
  });
});

describe("what is shown at a certain instant", () => {
  /** A page after the end on a device whose chance is `random`, and when it has asked; the server answers with `reply`. */
  async function page(random: number, reply: (now: number) => Response): Promise<{ device: FakeDevice; asked_at: number[] }> {
    const device = new FakeDevice();
    device.random = () => random;
    const asked_at: number[] = [];
    const rest = new Rest("secret", () => {
      asked_at.push(device.now);
      return Promise.resolve(reply(device.now));
    });
    const told = { paper: () => undefined, result: () => undefined, note: () => undefined };
    // The server's clock is a minute ahead of the device's.
    new Fetcher("a", rest, device, () => device.now + 60_000, told).want(state({ status: "completed", ended_as: "submitted" }), PAPER);
    await device.pass(0);
    return { device, asked_at };
  }

  const BEGAN = 1_000_000;
  const FROM = BEGAN + 60_000 + 600_000;
  const shown = (now: number): Response => new Response(JSON.stringify(result({ marks_from_ms: now + 60_000 < FROM ? FROM : null })));

  it.each([
    [0, 600_000],
    [0.5, 615_000],
    [0.999, 629_970],
  ])("is asked for once, by the server's clock, each page at a moment of its own (%d)", async (random, after_ms) => {
    const { device, asked_at } = await page(random, shown);
    expect(asked_at).toEqual([BEGAN]);
    await device.pass(after_ms - 1);
    expect(asked_at).toHaveLength(1);
    await device.pass(1);
    expect(asked_at).toEqual([BEGAN, BEGAN + after_ms]);
    // Marks may be corrected: it looks again now and then, and only so often.
    await device.pass(after_ms - 1);
    expect(asked_at).toHaveLength(2);
    await device.pass(1);
    expect(asked_at).toHaveLength(3);
  });

  it("is asked for when the server says, where nothing is shown before", async () => {
    const closed = { type: "", title: "", status: 409, detail: "Later.", code: "not_released", retry: "later" };
    const { device, asked_at } = await page(0.5, (now) =>
      now < BEGAN + 600_000 ? new Response(JSON.stringify(closed), { status: 409, headers: { "Retry-After": "600" } }) : shown(FROM),
    );
    await device.pass(614_999);
    expect(asked_at).toHaveLength(1);
    await device.pass(1 + 600_000);
    expect(asked_at).toEqual([BEGAN, BEGAN + 615_000]);
  });
});
