import { describe, expect, it } from "vitest";
import { Code, CODE_BACKOFF, type CodeState } from "../../src/io/code";

/** A network that may be away, and timers that the test lets run. */
class World {
  away = false;
  imported = 0;
  fetched: string[] = [];
  states: string[] = [];
  timers: { ms: number; call: () => void }[] = [];
  readonly device = {
    random: () => 0,
    after: (ms: number, call: () => void) => {
      const timer = { ms, call };
      this.timers.push(timer);
      return () => void (this.timers = this.timers.filter((one) => one !== timer));
    },
  };
  readonly code = new Code<string>(
    ["/a.js", "/a.css"],
    () => Promise.resolve(`code ${++this.imported}`),
    (file) => {
      this.fetched.push(file);
      return this.away ? Promise.reject(new Error("away")) : Promise.resolve();
    },
    this.device,
    (state: CodeState<string>) => this.states.push(state.kind),
  );
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

describe("code that is loaded when it is needed", () => {
  it("is imported once, when all its files are there", async () => {
    const world = new World();
    world.code.want();
    world.code.want();
    await settled();
    world.code.want();
    expect(world.code.state).toEqual({ kind: "ready", code: "code 1" });
    expect(world.fetched).toEqual(["/a.js", "/a.css"]);
    expect(world.states).toEqual(["loading", "ready"]);
  });

  it("is never imported without its files, says that it is missing, and is tried again later and later", async () => {
    const world = new World();
    world.away = true;
    world.code.want();
    for (const wait of [1_000, 2_000, 4_000]) {
      await settled();
      expect(world.code.state.kind).toBe("missing");
      expect(world.timers.map(({ ms }) => ms)).toEqual([wait]);
      world.timers.pop()?.call();
    }
    await settled();
    expect(world.imported).toBe(0);
    expect(CODE_BACKOFF.cap_ms).toBeLessThanOrEqual(30_000);
    world.away = false;
    // Somebody asks, or the network is back: there is no need to wait.
    world.code.want();
    expect(world.timers).toEqual([]);
    await settled();
    expect(world.code.state.kind).toBe("ready");
  });
});
