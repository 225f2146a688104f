import { describe, expect, it } from "vitest";
import { step, wakeAt, type ConnectionEffect, type ConnectionEvent } from "../../src/core/connection";
import { idle, shown, type ConnectionState } from "../../src/core/connection-state";
import { remedy } from "../../src/core/remedy";
import { CLOSE, reconnectRule } from "../../src/generated/codes";

const WELCOME: ConnectionEvent = {
  type: "welcome",
  heartbeat_ms: 10_000,
  first_beat_ms: 500,
  backoff: { base_ms: 1000, cap_ms: 15_000 },
};

/** Feeds events one after the other, at the times given, and remembers the effects. */
class Run {
  state: ConnectionState;
  effects: ConnectionEffect["do"][] = [];

  constructor(has_rest = true) {
    this.state = idle(has_rest);
  }

  feed(now: number, ...events: ConnectionEvent[]): this {
    this.effects = [];
    for (const event of events) {
      const [state, effects] = step(this.state, event, now, 0.5);
      this.state = state;
      this.effects.push(...effects.map((effect) => effect.do));
    }
    return this;
  }

  live(now = 0): this {
    return this.feed(now, { type: "start" }, { type: "opened" }, WELCOME);
  }

  /** One socket that ends without a welcome, from waiting (or idle) to waiting. */
  fail(): this {
    const now = wakeAt(this.state) ?? 0;
    const first: ConnectionEvent = this.state.phase.name === "idle" ? { type: "start" } : { type: "tick" };
    return this.feed(now, first, { type: "closed", code: 1006, detail: "" });
  }
}

const closed = (code: number): ConnectionEvent => ({ type: "closed", code, detail: "" });

describe("connecting", () => {
  it("opens, says hello, and is live with the welcome", () => {
    const run = new Run().feed(0, { type: "start" });
    expect([run.effects, shown(run.state)]).toEqual([["open"], "connecting"]);
    expect(run.feed(10, { type: "opened" }).effects).toEqual(["hello"]);
    expect(shown(run.feed(20, WELCOME).state)).toBe("live");
    expect(wakeAt(run.state)).toBe(520);
  });

  it("gives up a socket that does not open, or gets no welcome", () => {
    for (const events of [[{ type: "start" }], [{ type: "start" }, { type: "opened" }]] as ConnectionEvent[][]) {
      const run = new Run().feed(0, ...events);
      run.feed(wakeAt(run.state) ?? 0, { type: "tick" });
      expect([run.effects, shown(run.state)]).toEqual([["close"], "waiting"]);
    }
  });

  it("ignores a tick that comes too early", () => {
    const run = new Run().feed(0, { type: "start" });
    expect(run.feed(1, { type: "tick" }).effects).toEqual([]);
  });
});

describe("beats", () => {
  it("go out at the server's interval", () => {
    const run = new Run().live();
    expect(run.feed(500, { type: "tick" }).effects).toEqual(["beat"]);
    expect(wakeAt(run.feed(600, { type: "echo" }).state)).toBe(10_500);
  });

  it("that stay unanswered three times mean a lost connection", () => {
    const run = new Run().live();
    for (const now of [500, 10_500, 20_500]) expect(run.feed(now, { type: "tick" }).effects).toEqual(["beat"]);
    expect(run.feed(30_500, { type: "tick" }).effects).toEqual(["close"]);
    expect(shown(run.state)).toBe("waiting");
  });

  it("decide soon when the browser says that the network is gone", () => {
    const run = new Run().live();
    expect(run.feed(100, { type: "offline" }).effects).toEqual(["beat"]);
    expect(run.feed(4_100, { type: "tick" }).effects).toEqual(["close"]);
    const wrong = new Run().live().feed(100, { type: "offline" }, { type: "echo" });
    expect(wrong.feed(4_100, { type: "tick" }).effects).toEqual(["beat"]);
    expect(shown(wrong.state)).toBe("live");
    expect(new Run().feed(0, { type: "start" }, { type: "offline" }).effects).toEqual(["open"]);
  });

  it("go out at once when the device wakes up", () => {
    expect(new Run().live().feed(100, { type: "nudge" }).effects).toEqual(["beat"]);
  });
});

describe("coming back", () => {
  it("waits with back-off, doubling while no welcome comes, and not long while a restarted server may be back", () => {
    const run = new Run(false).live().feed(1000, closed(1006));
    const waits: number[] = [];
    for (let i = 0; i < 17; i += 1) {
      const now = wakeAt(run.state) ?? 0;
      run.feed(now, { type: "tick" }, closed(1006));
      waits.push((wakeAt(run.state) ?? 0) - now);
    }
    expect(waits.slice(0, 5)).toEqual([500, 1000, 2000, 2500, 2500]);
    expect(waits.slice(-3)).toEqual([2500, 7500, 7500]);
  });

  it("stays away as long as a goodbye says", () => {
    const run = new Run().live().feed(1000, { type: "goodbye", after_ms: 7000 }, closed(CLOSE.TRY_AGAIN));
    expect(wakeAt(run.state)).toBe(8000);
    run.feed(8000, { type: "tick" }, { type: "opened" }, WELCOME);
    expect(wakeAt(run.feed(9000, closed(1006)).state)).toBe(9500);
  });

  it("tries soon when the network is back, and at once when a person asks", () => {
    const away = new Run().live().feed(0, { type: "goodbye", after_ms: 9000 }, closed(CLOSE.TRY_AGAIN));
    expect(wakeAt(away.feed(10, { type: "nudge" }).state)).toBe(510);
    expect(new Run().live().feed(0, closed(1006), { type: "reconnect" }).effects).toEqual(["open"]);
    expect(new Run().live().feed(0, { type: "reconnect" }).effects).toEqual(["close", "open"]);
  });

  it.each(Object.entries(CLOSE))("after %s (%i) does what the table says", (_, code) => {
    const { state } = new Run().live().feed(0, closed(code));
    expect(shown(state)).toBe(reconnectRule(code) === "backoff" ? "waiting" : "ended");
  });

  it("after the end comes back only when a person asks", () => {
    const run = new Run().live().feed(0, closed(CLOSE.SUPERSEDED));
    expect(run.feed(10, { type: "nudge" }, { type: "tick" }, closed(1006)).effects).toEqual([]);
    expect(run.feed(20, { type: "reconnect" }).effects).toEqual(["open"]);
  });
});

describe("REST", () => {
  it("is tried when three sockets in a row got no welcome", () => {
    const run = new Run().fail().fail();
    expect(run.effects).toEqual(["open"]);
    expect(run.fail().effects).toEqual(["open", "ask_rest"]);
    expect(shown(run.state)).toBe("waiting");
    expect(shown(run.feed(0, { type: "rest_works" }).state)).toBe("rest");
  });

  it("is not tried where there is none", () => {
    expect(new Run(false).fail().fail().fail().fail().effects).toEqual(["open"]);
  });

  it("tries the socket soon, then ever more seldom", () => {
    const run = new Run().fail().fail().fail().feed(0, { type: "rest_works" });
    const waits: number[] = [];
    let now = 0;
    for (let i = 0; i < 7; i += 1) {
      waits.push((wakeAt(run.state) ?? 0) - now);
      now = wakeAt(run.state) ?? 0;
      run.feed(now, { type: "tick" }, closed(1006));
      expect(shown(run.state)).toBe("rest");
    }
    expect(waits).toEqual([2000, 4000, 8000, 16_000, 32_000, 64_000, 64_000]);
  });

  it("ends with a welcome", () => {
    const run = new Run().fail().fail().fail().feed(0, { type: "rest_works" });
    run.feed(5000, { type: "tick" }, { type: "opened" }, WELCOME);
    expect([shown(run.state), run.state.rest]).toEqual(["live", "off"]);
  });

  it("that fails leaves the page waiting for the socket", () => {
    const run = new Run().fail().fail().fail().feed(0, { type: "rest_works" }).feed(100, { type: "rest_fails" });
    expect(shown(run.state)).toBe("waiting");
    expect(wakeAt(run.state)).toBeLessThanOrEqual(600);
  });

  it("that says no for good ends it", () => {
    const run = new Run().fail().fail().fail();
    run.feed(0, { type: "refused", code: "token_invalid", detail: "This link is not valid here." });
    expect(shown(run.state)).toBe("ended");
  });
});

describe("near the end of the time", () => {
  const closing = (at: number): ConnectionEvent => ({ type: "closing", at });

  it("several tries fit in before the closing, wherever they begin, and none sleeps past it", () => {
    for (const left of [120_000, 65_000, 20_000, 5_000, 2_000]) {
      const run = new Run(false).live().feed(0, closing(left), closed(1006));
      let tries = 0;
      for (let now = wakeAt(run.state)!; now < left; now = wakeAt(run.state)!, tries += 1) {
        // The network swallows everything: each try is given up, and the next one waited for.
        run.feed(now, { type: "tick" });
        run.feed(wakeAt(run.state)!, { type: "tick" });
      }
      expect([left, tries >= (left < 5_000 ? 1 : 3), tries < 20]).toEqual([left, true, true]);
    }
  });

  it("a network that is back 5 s before the closing is found in time, whatever was waited for", () => {
    for (let away = 0; away < 60_000; away += 500) {
      const run = new Run(false).live().feed(0, closing(70_000), closed(1006));
      for (let now = wakeAt(run.state)!; now < away; now = wakeAt(run.state)!) {
        run.feed(now, { type: "tick" }, closed(1006));
      }
      expect(wakeAt(run.state)).toBeLessThan(Math.max(65_000, away + 5_001));
    }
  });

  it("REST is tried with the first socket that fails", () => {
    const run = new Run().live().feed(0, closing(60_000), closed(1006));
    expect(run.effects).toEqual([]);
    expect(run.fail().effects).toEqual(["open", "ask_rest"]);
  });

  it("a server's wish to stay away gives way", () => {
    const run = new Run().live().feed(0, closing(8_000), { type: "goodbye", after_ms: 30_000 }, closed(CLOSE.TRY_AGAIN));
    expect(wakeAt(run.state)).toBe(1_000);
  });

  it("is over with the closing: nothing hurries any more", () => {
    const run = new Run(false).live().feed(10_000, closing(9_000), { type: "goodbye", after_ms: 30_000 }, closed(CLOSE.TRY_AGAIN));
    expect(wakeAt(run.state)).toBe(40_000);
  });
});

describe("a second way beside a silent one", () => {
  const beside: ConnectionEvent = { type: "opened", beside: true };
  const fell = (code = 1006): ConnectionEvent => ({ type: "closed", code, detail: "", beside: true });
  const silent = (): Run => new Run().live().feed(500, { type: "tick" }, { type: "closing", at: 60_000 }, { type: "silent" });

  it("is opened once, and leaves the first one live", () => {
    const run = silent();
    expect([run.effects, shown(run.state)]).toEqual([["beat", "open"], "live"]);
    expect(run.feed(600, { type: "silent" }).effects).toEqual([]);
    expect(run.feed(700, beside).effects).toEqual(["hello"]);
    run.feed(800, WELCOME);
    expect([shown(run.state), run.state.beside]).toEqual(["live", null]);
  });

  it("is REST as well, where no welcome comes soon", () => {
    const run = silent();
    expect(wakeAt(run.state)).toBe(1_500);
    expect(run.feed(1_500, { type: "tick" }).effects).toEqual(["ask_rest"]);
    expect(run.feed(1_600, { type: "rest_works" }).effects).toEqual(["close", "close"]);
    expect([shown(run.state), run.state.beside, wakeAt(run.state)]).toEqual(["rest", null, 3_600]);
  });

  it("that fails leaves the first one, and is tried again after a while", () => {
    const run = silent().feed(700, fell());
    expect([shown(run.state), run.state.beside]).toEqual(["live", null]);
    expect(run.feed(800, { type: "silent" }).effects).toEqual([]);
    expect(run.feed(3_500, { type: "silent" }).effects).toEqual(["open"]);
    const given_up = silent();
    const until = given_up.state.beside!.until;
    given_up.feed(until, { type: "tick" });
    expect([given_up.effects, shown(given_up.state)]).toEqual([["close"], "live"]);
  });

  it("takes the place of the first one when that is lost", () => {
    const run = silent().feed(700, beside, closed(1006));
    expect([run.effects, run.state.phase.name]).toEqual([["hello", "promote"], "greeting"]);
    expect(shown(run.feed(800, WELCOME).state)).toBe("live");
  });

  it("that learns of another device ends the page's connection", () => {
    const run = silent().feed(700, beside, fell(CLOSE.CONNECTION_EXISTS));
    expect([run.effects, shown(run.state)]).toEqual([["hello", "close", "close"], "ended"]);
  });

  it("is not opened where there is no first one", () => {
    expect(new Run().live().feed(0, closed(1006), { type: "silent" }).effects).toEqual([]);
  });
});

describe("a doubt", () => {
  it("upon a doubt gives no more time", () => {
    const run = new Run().live();
    for (const now of [100, 1_100, 2_100, 3_100]) expect(run.feed(now, { type: "doubt" }).effects).toEqual(["beat"]);
    expect(run.feed(4_100, { type: "tick" }).effects).toEqual(["close"]);
  });

  it("comes when the device wakes up: a dead connection is known within seconds", () => {
    const run = new Run().live().feed(100, { type: "nudge" });
    expect(run.feed(4_100, { type: "tick" }).effects).toEqual(["close"]);
  });
});

describe("remedy", () => {
  it.each([
    [CLOSE.SUPERSEDED, "use_here"],
    ["connection_exists", "use_here"],
    [CLOSE.TOKEN_EXPIRED, "sign_in"],
    ["token_invalid", "sign_in"],
    [CLOSE.PROTOCOL_ERROR, "reload"],
    [CLOSE.TOO_LARGE, "reload"],
  ])("for %s is %s", (code, what) => {
    expect(remedy({ code, detail: "" })).toBe(what);
  });
});
