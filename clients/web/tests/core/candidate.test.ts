import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  isAnswered,
  isLocked,
  leftMs,
  mayStand,
  newCandidate,
  type Candidate,
  type CandidateEvent,
  type Pending,
} from "../../src/core/candidate";
import { reduce } from "../../src/core/reducer";
import type { AttemptState, SavedAnswer, Value } from "../../src/generated/messages";
import { runsUntil, standsAt, state } from "../made";

const RUNNING = state({ seq: 10, started_at_ms: 0, clocks: runsUntil(100_000) });
const NOTHING: Pending = { answers: {}, kept: new Set(), flags: {}, index: null };

function welcome(more: Partial<Extract<CandidateEvent, { type: "welcome" }>> = {}): CandidateEvent {
  return {
    type: "welcome",
    test_id: "t",
    title: "Test",
    candidate_name: "Ada",
    instructions: "Read first.",
    duration_ms: 60_000,
    warnings_ms: [10_000],
    pauses_on_disconnect: false,
    question_total: 3,
    extra_time_ms: 0,
    parts: [],
    opens_at_ms: null,
    closes_at_ms: null,
    hindrances: [],
    gaps: "allow",
    order: "free",
    question_index: 1,
    state: RUNNING,
    answers: [],
    flagged: [],
    pending: NOTHING,
    refused: [],
    ...more,
  };
}

const run = (...events: CandidateEvent[]): Candidate => events.reduce(reduce, newCandidate("a", "t", null));
const saved = (question_id: string, value: string): SavedAnswer => ({ question_id, value, n: 1, saved_at_ms: 50 });
const edited = (value: string): CandidateEvent => ({ type: "edited", question_id: "q1", value });
const ack = (value: string, newer: boolean): CandidateEvent => ({
  type: "saved",
  question_id: "q1",
  value,
  n: 1,
  at_ms: 70,
  newer,
});
const save = (model: Candidate): string | undefined => model.answers["q1"]?.save.kind;

describe("an answer", () => {
  it("is editing, then kept, then saved", () => {
    expect(save(run(welcome(), edited("x")))).toBe("editing");
    expect(save(run(welcome(), edited("x"), { type: "kept", question_ids: new Set(["q1"]) }))).toBe("kept");
    const model = run(welcome(), edited("x"), { type: "kept", question_ids: new Set(["q1"]) }, ack("x", false));
    expect(model.answers["q1"]).toEqual({ value: "x", save: { kind: "saved", at_ms: 70 } });
  });

  it("is not kept any more when the device has lost it", () => {
    const kept: CandidateEvent = { type: "kept", question_ids: new Set(["q1"]) };
    expect(save(run(welcome(), edited("x"), kept, { type: "kept", question_ids: new Set() }))).toBe("editing");
    expect(save(run(welcome(), edited("x"), ack("x", false), { type: "kept", question_ids: new Set() }))).toBe("saved");
  });

  it("is not saved by the ack of an older edit", () => {
    const model = run(welcome(), edited("x"), edited("xy"), ack("x", true));
    expect(model.answers["q1"]).toEqual({ value: "xy", save: { kind: "editing" } });
    expect(model.held["q1"]?.value).toBe("x");
  });

  it("is not made saved by anything that only concerns this device", () => {
    const model = run(welcome({ answers: [saved("q1", "old")] }), edited("x"), { type: "kept", question_ids: new Set(["q1"]) });
    expect(save(model)).toBe("kept");
  });

  it("that was refused says why, and what the server holds", () => {
    const refused = { question_id: "q1", value: "mine", code: "number_reused", detail: "Changed elsewhere.", base: 0 };
    const model = run(welcome({ answers: [saved("q1", "theirs")] }), edited("mine"), { type: "refused", refused });
    expect(model.answers["q1"]).toMatchObject({ value: "mine", save: { kind: "refused", theirs: { value: "theirs" } } });
    const back = reduce(model, { type: "forgot", question_id: "q1" });
    expect(back.answers["q1"]).toEqual({ value: "theirs", save: { kind: "saved", at_ms: 50 } });
  });

  it("that was refused says what the server holds by now", () => {
    const refused = { question_id: "q1", value: "far too long", code: "answer_too_long", detail: "Too long.", base: 0 };
    const model = run(welcome(), edited("far"), { type: "refused", refused }, ack("far", true));
    expect(model.answers["q1"]).toMatchObject({ value: "far too long", save: { kind: "refused", theirs: { value: "far", saved_at_ms: 70 } } });
  });

  it("that was refused where the server holds none can be forgotten", () => {
    const refused = { question_id: "q1", value: "mine", code: "answer_too_long", detail: "Too long.", base: 0 };
    const model = run(welcome(), { type: "refused", refused }, { type: "forgot", question_id: "q1" });
    expect(model.answers["q1"]).toEqual({ value: null, save: { kind: "none" } });
  });
});

describe("a welcome", () => {
  it("shows what the server holds as saved", () => {
    expect(run(welcome({ answers: [saved("q1", "x")] })).answers["q1"]?.save).toEqual({ kind: "saved", at_ms: 50 });
  });

  it("shows what this device has not sent over what the server holds, and as kept only where the device says so", () => {
    const pending = { ...NOTHING, answers: { q1: "new", q2: "newer" }, kept: new Set(["q1"]) };
    const model = run(welcome({ answers: [saved("q1", "old")], pending }));
    expect(model.answers["q1"]).toEqual({ value: "new", save: { kind: "kept" } });
    expect(model.answers["q2"]).toEqual({ value: "newer", save: { kind: "editing" } });
  });

  it("shows refused answers that were kept", () => {
    const refused = [{ question_id: "q1", value: "mine", code: "number_reused", detail: "", base: 0 }];
    expect(save(run(welcome({ answers: [saved("q1", "x")], refused })))).toBe("refused");
  });

  it("takes the candidate where she was, the first time only", () => {
    expect(run(welcome()).index).toBe(1);
    expect(run(welcome({ pending: { ...NOTHING, index: 2 } })).index).toBe(2);
    expect(run(welcome(), { type: "went", index: 0 }, welcome()).index).toBe(0);
  });

  it("joins the server's flags with this device's", () => {
    const model = run(welcome({ flagged: ["q1", "q2"], pending: { ...NOTHING, flags: { q2: false, q3: true } } }));
    expect([...model.flagged]).toEqual(["q1", "q3"]);
  });

  it("is believed even where its log is shorter than before", () => {
    expect(run(welcome(), welcome({ state: { ...RUNNING, seq: 3 } })).state?.seq).toBe(3);
  });
});

describe("the state", () => {
  const extended: AttemptState = { ...RUNNING, seq: 11, clocks: runsUntil(400_000) };

  it("tells when the deadline moves, and takes back the warning about the old one", () => {
    const warning: CandidateEvent = { type: "warning", left_ms: 60_000, deadline_ms: 100_000, scope: "test", of: null };
    const model = run(welcome(), warning, { type: "state", state: extended });
    expect(model.moved).toEqual({ by_ms: 300_000, count: 1 });
    expect(model.warning).toBeNull();
  });

  it("tells when time is added to a standing clock", () => {
    const paused: AttemptState = { ...RUNNING, status: "paused", clocks: standsAt(5000), seq: 11 };
    const more: CandidateEvent = { type: "state", state: { ...paused, clocks: standsAt(65_000), seq: 12 } };
    expect(run(welcome(), { type: "state", state: paused }).moved).toBeNull();
    expect(run(welcome(), { type: "state", state: paused }, more).moved?.by_ms).toBe(60_000);
  });

  it("that is older than the one known is ignored", () => {
    const model = run(welcome(), { type: "state", state: extended }, { type: "state", state: RUNNING });
    expect(model.state).toEqual(extended);
  });

  it("that is an end takes away what only a running clock needs", () => {
    const ended: AttemptState = { ...RUNNING, status: "expired", clocks: [], seq: 12 };
    const model = run(welcome(), { type: "handing_in" }, { type: "state", state: ended });
    expect([model.handing_in, model.warning, model.moved]).toEqual([false, null, null]);
  });
});

describe("the clock", () => {
  it("runs to the deadline, and stands while paused", () => {
    expect(leftMs(RUNNING, 40_000)).toBe(60_000);
    expect(leftMs(RUNNING, 140_000)).toBe(0);
    expect(leftMs({ ...RUNNING, clocks: standsAt(7) }, 40_000)).toBe(7);
    expect(leftMs({ ...RUNNING, clocks: [] }, 40_000)).toBeNull();
    expect(leftMs(null, 0)).toBeNull();
  });

  it("locks at exactly the deadline", () => {
    expect(isLocked(RUNNING, 99_999)).toBe(false);
    expect(isLocked(RUNNING, 100_000)).toBe(true);
    expect(isLocked({ ...RUNNING, clocks: [] }, 100_000)).toBe(false);
  });
});

it("shows a message once, until it is dismissed", () => {
  const message = { t: "staff_message", message_id: "m", text: "Hello", sent_at_ms: 0 } as const;
  const model = run(welcome(), { type: "message", message }, { type: "message", message });
  expect(model.messages).toHaveLength(1);
  const read = reduce(model, { type: "message_dismissed", message_id: "m" });
  expect([read.messages, read.read]).toEqual([[], [message]]);
});

describe("a reopened attempt", () => {
  it("is news, until it is put away or ends again", () => {
    const ended = { ...RUNNING, status: "submitted", seq: 20, clocks: [] };
    const again = { ...RUNNING, seq: 21 };
    const model = run(welcome({ state: ended }), { type: "state", state: again });
    expect([model.reopened, model.moved]).toEqual([true, null]);
    expect(reduce(model, { type: "dismissed", what: "reopened" }).reopened).toBe(false);
    expect(reduce(model, { type: "state", state: { ...ended, seq: 22 } }).reopened).toBe(false);
    expect(run(welcome()).reopened).toBe(false);
  });
});

describe("an answer that counts", () => {
  const file = new URL("../../../../protocol/vectors/blank.json", import.meta.url);
  const vectors = JSON.parse(readFileSync(file, "utf8")) as { value: Value; blank: boolean }[];

  it.each(vectors)("$value: as the server counts", ({ value, blank }) => {
    expect(isAnswered(value)).toBe(!blank);
  });
});

describe("without a connection", () => {
  const stops = state({ may_stand_ms: 5_000 });

  it.each([
    [stops, 4_999, true],
    [stops, 5_000, false],
    [stops, 5_001, false],
    [state(), 0, false],
    [state({ status: "paused", may_stand_ms: 5_000 }), 0, false],
    [null, 0, false],
  ])("the clock may be standing until the time for that is used up", (told, silent_ms, stands) => {
    expect(mayStand(told, silent_ms)).toBe(stands);
  });
});
