import { expect, it } from "vitest";
import { idle, step, type ConnectionEvent, type ConnectionState } from "../../src/core/connection";
import { isSilent } from "../../src/core/silence";

function after(state: ConnectionState, now: number, ...events: ConnectionEvent[]): ConnectionState {
  return events.reduce((reached, event) => step(reached, event, now, 0.5)[0], state);
}

const backoff = { base_ms: 500, cap_ms: 15_000 };
const welcome: ConnectionEvent = { type: "welcome", heartbeat_ms: 10_000, first_beat_ms: 1_000, backoff };
const live = after(idle(false), 0, { type: "start" }, { type: "opened" }, welcome);

it("is no silence while nothing has been asked", () => {
  expect(isSilent(idle(false), 0)).toBe(false);
  expect(isSilent(live, 999)).toBe(false);
});

it("is silence when an echo takes long, until it comes", () => {
  const asked = after(live, 1_000, { type: "tick" });
  expect(isSilent(asked, 4_900)).toBe(false);
  expect(isSilent(asked, 5_100)).toBe(true);
  expect(isSilent(after(asked, 5_200, { type: "echo" }), 5_200)).toBe(false);
  expect(isSilent(after(asked, 11_000, { type: "tick" }), 11_000)).toBe(true);
});
