import { expect, it } from "vitest";
import { step, type ConnectionEvent } from "../../src/core/connection";
import { idle, type ConnectionState } from "../../src/core/connection-state";
import { isSilent } from "../../src/core/silence";

function after(state: ConnectionState, now: number, ...events: ConnectionEvent[]): ConnectionState {
  return events.reduce((reached, event) => step(reached, event, now, 0.5)[0], state);
}

const backoff = { base_ms: 500, cap_ms: 15_000 };
const welcome: ConnectionEvent = { type: "welcome", heartbeat_ms: 10_000, first_beat_ms: 10_000, backoff };
const live = after(idle(false), 0, { type: "start" }, { type: "opened" }, welcome);

it("is no silence while nothing has been asked", () => {
  expect(isSilent(idle(false), 0, 60_000)).toBe(false);
  expect(isSilent(live, 0, 60_000)).toBe(false);
});

it("is silence when an echo takes long, until it comes", () => {
  const asked = after(live, 10_000, { type: "tick" });
  expect(isSilent(asked, 0, 13_900)).toBe(false);
  expect(isSilent(asked, 0, 14_100)).toBe(true);
  expect(isSilent(after(asked, 14_200, { type: "echo" }), 14_200, 14_200)).toBe(false);
});

it("is no silence at once when something else raises a doubt", () => {
  const doubted = after(live, 3_000, { type: "offline" });
  expect(isSilent(doubted, 0, 3_100)).toBe(false);
});
