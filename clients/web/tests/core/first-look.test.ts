import { expect, it } from "vitest";
import { firstLook } from "../../src/core/first-look";
import type { Offer } from "../../src/generated/messages";
import type { AttemptMade } from "../../src/generated/rest";
import { INITIATED, state } from "../made";

const offer: Offer = {
  ...{ t: "offer", title: "Test", instructions: "Read.", duration_ms: 60_000, warnings_ms: [], pauses_on_disconnect: false, question_total: 3, extra_time_ms: 0 },
  ...{ parts: [], opens_at_ms: null, closes_at_ms: null, hindrances: [], gaps: "allow", order: "free" },
};
const made: AttemptMade = { attempt_id: "a1", test_id: "t", attempt_number: 1, created: true, token: null, state: INITIATED };
const told: AttemptMade = { ...made, offer, candidate_name: "Ada", now_ms: 5_000 };

it("shows what the server says when the attempt is made", () => {
  const look = firstLook(told, 4_000);
  expect(look).toMatchObject({ ahead_ms: 1_000, model: { attempt_id: "a1", test_id: "t", title: "Test", candidate_name: "Ada", question_total: 3, state: INITIATED, starting: false, timing: null } });
});

it("leaves to the connection what the server does not say, and what has begun", () => {
  expect(firstLook(made, 0)).toBeNull();
  expect(firstLook({ ...told, offer: null }, 0)).toBeNull();
  expect(firstLook({ ...told, state: state() }, 0)).toBeNull();
});
