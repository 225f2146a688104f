/** One page of one attempt on one device, with the server's side in the test's hand. */

import type { AttemptState, Value, Welcome } from "../../src/generated/messages";
import { CandidateSession, type CandidateView } from "../../src/io/candidate-session";
import type { SmallStorage } from "../../src/io/browser-storage";
import { Identity } from "../../src/io/identity";
import type { LastWords } from "../../src/io/last-words";
import type { Paper } from "../../src/generated/rest";
import { Rest } from "../../src/io/rest";
import type { Store } from "../../src/io/store";
import type { TabPlace } from "../../src/io/way-back";
import type { StoredEntry } from "../../src/core/operation";
import { PAPER, state } from "../made";
import { FakeNetwork, settle, type FakeDevice } from "./world";

export const RECORD = { attempt_id: "a1", test_id: "t", title: "", candidate_name: "", token: "secret", opened_at_ms: 0, closes_at_ms: null };

/** Nothing keeps anybody from starting. */
const OPEN = { extra_time_ms: 0, parts: [], opens_at_ms: null, closes_at_ms: null, hindrances: [], gaps: "allow", order: "free", restored: false, timing: null };

/** A reply to `resume`, but for what changes. */
export const RESUMED = {
  attempt_id: "a1",
  test_id: "t",
  title: "Test",
  candidate_name: "Ada",
  instructions: "",
  duration_ms: 600_000,
  warnings_ms: [60_000],
  pauses_on_disconnect: false,
  connection_id: "over REST",
  lost_records: 0,
  heartbeat_ms: 10_000,
  question_total: 3,
  question_index: 0,
  answers: [],
  flagged: [],
  unseen: [],
  warning: null,
  ...OPEN,
};

/** One page on one device; a new page on the same device finds what the old one kept. */
export class Page {
  readonly network = new FakeNetwork();
  view: CandidateView | null = null;
  session: CandidateSession;
  calls: [string, unknown][] = [];
  /** What the tab was told to hold and to forget. */
  readonly tab: string[] = [];
  readonly identity: Identity;
  readonly refusals = new Map<string, { status: number; code: string; retry: string; after_s?: number }>();
  private readonly slowly = new Map<string, (go: () => void) => void>();
  replies = new Map<string, (body: unknown) => unknown>();

  constructor(
    readonly device: FakeDevice,
    store: Store,
    last_words: LastWords,
    paper: Paper | null = PAPER,
    /** What the tab remembers. */
    tab_storage: SmallStorage = memory(),
  ) {
    this.identity = new Identity(tab_storage, () => device.wall());
    const rest = new Rest("secret", async (path, init) => {
      await Promise.resolve();
      const what = String(path).split("/").at(-1) ?? "";
      const body: unknown = init?.body === undefined ? null : JSON.parse(init.body as string);
      this.calls.push([what, body]);
      const wait = this.slowly.get(what);
      if (wait !== undefined) await new Promise<void>(wait);
      const refusal = this.refusals.get(what);
      if (refusal !== undefined) {
        const headers: Record<string, string> = refusal.after_s === undefined ? {} : { "Retry-After": String(refusal.after_s) };
        return new Response(JSON.stringify({ type: "", title: "", detail: "No.", ...refusal }), { status: refusal.status, headers });
      }
      const reply = this.replies.get(what);
      if (reply === undefined) throw new TypeError("no network");
      return new Response(JSON.stringify(reply(body)));
    }, device);
    const tab: TabPlace = { enter: () => this.tab.push("enter"), leave: () => this.tab.push("leave") };
    const parts = { rest, store, open: this.network.open, device, last_words, tab, identity: this.identity } as const;
    this.session = new CandidateSession({ ...RECORD, paper }, parts, (view) => (this.view = view));
  }

  async open(last_n = 0, answers: object[] = []): Promise<this> {
    await this.session.open(true);
    return this.greet(last_n, answers);
  }

  /** The newest socket opens, and is welcomed. */
  async greet(
    last_n = 0,
    answers: object[] = [],
    now: AttemptState = state(),
    now_ms = this.device.now,
    more: Partial<Welcome> = {},
  ): Promise<this> {
    const socket = this.network.last;
    socket.handlers.opened();
    socket.say({
      t: "welcome",
      protocol: 1,
      attempt_id: "a1",
      test_id: "t",
      title: "Test",
      candidate_name: "Ada",
      instructions: "",
      duration_ms: 600_000,
      warnings_ms: [60_000],
      pauses_on_disconnect: false,
      connection_id: "c",
      now_ms,
      heartbeat_ms: 10_000,
      first_beat_ms: 500,
      backoff_base_ms: 500,
      backoff_cap_ms: 15_000,
      last_n,
      question_total: 3,
      question_index: 0,
      state: now,
      lost_records: 0,
      answers,
      flagged: [],
      unseen: [],
      warning: null,
      capabilities: [],
      ...OPEN,
      ...more,
    });
    await settle();
    return this;
  }

  ack(n: number): void {
    this.network.last.say({ t: "ack", n, seq: 9, committed_at_ms: 1_234_567, head: "99" });
  }

  /** Replies of this kind wait until `go` is called. */
  slow(what: string, wait: (go: () => void) => void): void {
    this.slowly.set(what, wait);
  }

  /** Acknowledges all that was sent on the newest socket. */
  ackAll(): void {
    const highest = Math.max(0, ...this.network.last.operations().map(({ n }) => Number(n)));
    if (highest > 0) this.ack(highest);
  }

  /** From now on there is a server over REST that takes every answer. */
  overRest(now: AttemptState = state()): void {
    this.replies.set("resume", () => ({ ...RESUMED, now_ms: this.device.now, last_n: 0, state: now }));
    this.replies.set("heartbeat", (body) => {
      const { t0_ms } = body as { t0_ms: number };
      return { t0_ms, t1_ms: t0_ms, t2_ms: t0_ms, state: now, unseen: [], offer: null };
    });
    this.replies.set("answers", (body) => {
      const { answers } = body as { answers: { n: number }[] };
      return { acked: answers.map(({ n }) => n), refused: [], seq: 4, committed_at_ms: 77, state: { ...now, seq: now.seq + 1 } };
    });
  }

  /** Sockets fail until the page lives on REST. */
  async untilRest(): Promise<void> {
    for (let i = 0; i < 3; i += 1) {
      this.network.last.drop();
      await this.device.pass(1_500);
    }
  }

  save(question_id = "q1"): string | undefined {
    return this.view?.model.answers[question_id]?.save.kind;
  }

  value(question_id = "q1"): Value | undefined {
    return this.view?.model.answers[question_id]?.value;
  }
}

/** A tab's storage. */
export function memory(): SmallStorage {
  const kept = new Map<string, string>();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
}

/** What the pages of one device leave for one another. */
export class Words implements LastWords {
  readonly left = new Map<string, StoredEntry[]>();

  put(attempt_id: string, entries: readonly StoredEntry[]): void {
    this.left.set(attempt_id, structuredClone([...entries]));
  }

  read(attempt_id: string): StoredEntry[] {
    return this.left.get(attempt_id) ?? [];
  }
}
