import { expect, it } from "vitest";
import type { StoredEntry } from "../../src/core/operation";
import { Queue } from "../../src/core/queue";
import type { Operation, SavedAnswer } from "../../src/generated/messages";

/**
 * A page and a server that judges numbers as the real one does, and everything between them that can go wrong: refusals
 * for now, lost words both ways, a page that is reloaded, a second device. Whatever happens, the last answer wins, unless
 * another device gave one that the page did not know of.
 */

const TYPED = { quiet_ms: 400, most_ms: 1_500 };

interface Edit {
  value: string;
  /** The server's number at the last welcome or ack before the edit: all up to it was in sight. */
  seen: number;
}

type Said = { ack: number } | { refused: number; code: string; retry: "later" | "reload" | "never" };

/** Small and good enough: the same days on every machine (mulberry32). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

class Server {
  last_n = 0;
  readonly bodies = new Map<number, string>();
  readonly answers = new Map<string, SavedAnswer>();
  /** Everything that was ever accepted. */
  readonly log = new Set<string>();
  /** When the page's newest answer to each question was given. */
  private readonly newest = new Map<string, number>();

  judge(operation: Operation, refuse: boolean): Said {
    const { n } = operation;
    const body = JSON.stringify({ ...operation, n: 0 });
    if (refuse) return { refused: n, code: n % 3 === 0 ? "overloaded" : "internal", retry: "later" };
    if (n <= this.last_n) {
      const known = this.bodies.get(n);
      if (known === undefined) return { refused: n, code: "number_skipped", retry: "reload" };
      return known === body ? { ack: n } : { refused: n, code: "number_reused", retry: "never" };
    }
    this.accept(n, body, operation);
    return { ack: n };
  }

  accept(n: number, body: string, operation: Operation): void {
    this.last_n = n;
    this.bodies.set(n, body);
    if (operation.t === "answer") {
      const { question_id, value } = operation;
      this.answers.set(question_id, { question_id, value, n, saved_at_ms: 0 });
      this.log.add(`${question_id} ${String(value)}`);
      const given = Number(/^v(\d+)$/.exec(String(value))?.[1] ?? NaN);
      if (Number.isNaN(given)) return;
      expect(given).toBeGreaterThanOrEqual(this.newest.get(question_id) ?? 0);
      this.newest.set(question_id, given);
    }
  }

  get held(): SavedAnswer[] {
    return [...this.answers.values()];
  }
}

class Day {
  readonly server = new Server();
  readonly random: () => number;
  queue = new Queue();
  stored = new Map<number, StoredEntry>();
  wire: Operation[] = [];
  back: Said[] = [];
  now = 0;
  online = false;
  /** A page that was reloaded shows no answer before its first welcome, and takes none. */
  shown = false;
  seen = 0;
  readonly edits = new Map<string, Edit>();
  /** Answers of another device, by their number, and whether the page has been shown them. */
  readonly foreign = new Set<number>();
  readonly refused = new Set<string>();
  calm = false;

  constructor(seed: number, private readonly two_devices: boolean) {
    this.random = chance(seed);
  }

  maybe(share: number): boolean {
    return this.random() < share;
  }

  keep(): void {
    const { put, removed } = this.queue.entries.changes();
    for (const entry of put) this.stored.set(entry.key, structuredClone(entry));
    for (const key of removed) this.stored.delete(key);
  }

  connect(): void {
    this.wire = [];
    this.back = [];
    for (const body of this.queue.outdated(this.server.held)) {
      if (body.t === "answer") this.refused.add(body.question_id);
    }
    this.queue.connected(this.server.last_n);
    this.seen = this.server.last_n;
    this.online = this.shown = true;
    this.keep();
  }

  drop(): void {
    this.online = false;
    this.queue.disconnected();
    // What was on the wire may arrive all the same, and its answer gets lost.
    const arrives = Math.floor(this.random() * (this.wire.length + 1));
    for (const operation of this.wire.slice(0, arrives)) this.server.judge(operation, false);
    this.wire = [];
    this.back = [];
  }

  reload(): void {
    if (this.online) this.drop();
    this.queue = new Queue([...this.stored.values()]);
    this.shown = false;
  }

  edit(): void {
    if (!this.shown) return;
    const question_id = `q${Math.floor(this.random() * 3)}`;
    const value = `v${this.now}`;
    this.queue.add({ t: "answer", question_id, value, position: null, client_at_ms: 0 }, this.now, this.maybe(0.5) ? undefined : TYPED);
    this.edits.set(question_id, { value, seen: this.seen });
    this.refused.delete(question_id);
    this.keep();
  }

  /** The other device: it takes over, answers, and goes. */
  other(): void {
    if (this.online) this.drop();
    for (let left = 1 + Math.floor(this.random() * 2); left > 0; left -= 1) {
      const question_id = `q${Math.floor(this.random() * 3)}`;
      const n = this.server.last_n + 1;
      const operation: Operation = { t: "answer", n, question_id, value: `other ${n}`, position: null, client_at_ms: 0 };
      this.server.accept(n, JSON.stringify({ ...operation, n: 0 }), operation);
      this.foreign.add(n);
    }
  }

  arrive(): void {
    const operation = this.wire.shift();
    if (operation === undefined) return;
    const before = operation.t === "answer" ? this.server.answers.get(operation.question_id) : undefined;
    const said = this.server.judge(operation, !this.calm && this.maybe(0.2));
    this.back.push(said);
    if (!("ack" in said) || operation.t !== "answer" || before === undefined || before.n >= operation.n) return;
    const edit = this.edits.get(operation.question_id);
    if (this.foreign.has(before.n) && edit?.value === operation.value) expect(edit.seen).toBeGreaterThanOrEqual(before.n);
  }

  hear(): void {
    const said = this.back.shift();
    if (said === undefined) return;
    if ("ack" in said) {
      this.queue.ack(said.ack);
      this.seen = Math.max(this.seen, said.ack);
    } else {
      const refusal = this.queue.refuse(said.refused, said.code, said.retry, this.now, this.random());
      if (refusal?.fate === "refused" && refusal.body.t === "answer") this.refused.add(refusal.body.question_id);
      if (refusal?.fate === "resync") {
        this.drop();
        this.connect();
      }
    }
    this.keep();
  }

  send(): void {
    if (!this.online) return;
    const taken = this.queue.take(this.now);
    this.keep();
    this.wire.push(...taken);
  }

  step(): void {
    this.now += Math.floor(this.random() * 400);
    const what = this.random();
    if (what < 0.3) this.edit();
    else if (what < 0.5) this.send();
    else if (what < 0.7) this.arrive();
    else if (what < 0.9) this.hear();
    else if (what < 0.93) this.drop();
    else if (what < 0.95) this.reload();
    else if (what < 0.96 && this.two_devices) this.other();
    else if (!this.online) this.connect();
  }

  settle(): void {
    this.calm = true;
    this.connect();
    for (let round = 0; round < 400 && this.queue.size > 0; round += 1) {
      this.now += 20_000;
      this.send();
      while (this.wire.length > 0) this.arrive();
      while (this.back.length > 0) this.hear();
    }
  }
}

it.each([
  ["alone", false],
  ["with a second device", true],
])("the last answer wins, %s", (_, two_devices) => {
  for (let seed = 1; seed <= 400; seed += 1) {
    const day = new Day(seed, two_devices);
    day.connect();
    for (let i = 0; i < 150; i += 1) day.step();
    day.settle();
    expect([seed, day.queue.size]).toEqual([seed, 0]);
    for (const [question_id, { value }] of day.edits) {
      const held = day.server.answers.get(question_id);
      if (day.refused.has(question_id)) continue;
      expect([seed, day.server.log.has(`${question_id} ${value}`)]).toEqual([seed, true]);
      if (held === undefined || !day.foreign.has(held.n)) expect([seed, held?.value]).toEqual([seed, value]);
    }
    if (!two_devices) expect([seed, day.refused.size]).toEqual([seed, 0]);
  }
}, 120_000);
