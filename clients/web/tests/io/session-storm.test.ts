import "fake-indexeddb/auto";
import { expect, it, vi } from "vitest";
import { shown } from "../../src/core/connection-state";
import { CLOSE } from "../../src/generated/codes";
import type { SavedAnswer, Value } from "../../src/generated/messages";
import { openStore, type Store } from "../../src/io/store";
import { runsUntil, state } from "../made";
import { Page, Words } from "./page";
import { FakeDevice, settle, type FakeSocket } from "./world";

/**
 * Two devices of one candidate, a server that judges connections and numbers as the real one does, and everything between
 * them that can go wrong: lost sockets whose words arrive late or never, a hello that comes twice, a page that is reloaded, a
 * database that is restored from a backup. Whatever happens:
 *
 * 1. Nothing that was acknowledged is lost: it stands, or what came later does, or its page shows it, or what was typed over it
 *    there, beside what stands.
 * 2. Nothing that was typed vanishes: the server has had it, or its page shows that it was not saved.
 * 3. When all words have arrived, at most one page believes that it is connected.
 * 4. A page is told that the attempt is in use elsewhere only when it is.
 */

const QUESTIONS = ["q1", "q2", "q3"];

type Sent = { t: string } & Record<string, unknown>;

/** One socket, and what is on its way. */
interface Line {
  device: string;
  socket: FakeSocket;
  /** How much of what was sent the server has read. */
  read: number;
  down: Sent[];
}

interface Database {
  /** The hash of each record. */
  heads: string[];
  last_n: number;
  bodies: Map<number, string>;
  answers: Map<string, SavedAnswer>;
  owner: { device: string; connect_n: number } | null;
}

/** Small and good enough: the same days on every machine (mulberry32). */
function chance(seed: number): () => number {
  let now = seed;
  return () => {
    now = (now + 0x6d2b79f5) | 0;
    let mixed = Math.imul(now ^ (now >>> 15), 1 | now);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

class Server {
  database: Database = { heads: ["1", "2", "3"], last_n: 0, bodies: new Map(), answers: new Map(), owner: null };
  backup = structuredClone(this.database);
  /** The connection in force. */
  line: Line | null = null;
  /** When each value was accepted first. */
  readonly accepted = new Map<Value, number>();
  private records = 3;

  constructor(private readonly device: FakeDevice) {}

  read(line: Line, message: Sent): void {
    if (message.t === "hello") this.connect(line, message);
    else if (message.t === "answer") this.answer(line, message);
  }

  /** A record; no other one has its hash, also where the database was restored in between. */
  private record(): void {
    this.database.heads.push(String((this.records += 1)));
  }

  private get newest(): { seq: number; head: string } {
    const { heads } = this.database;
    return { seq: heads.length, head: heads.at(-1)! };
  }

  private connect(line: Line, { device, connect_n, takeover, seen_seq, seen_head }: Sent): void {
    const { owner, heads } = this.database;
    const restored = seen_seq !== null && heads[Number(seen_seq) - 1] !== seen_head;
    if (owner !== null && owner.device === device && Number(connect_n) <= owner.connect_n) return this.close(line, CLOSE.SUPERSEDED);
    if (owner !== null && owner.device !== device && takeover !== true) return this.close(line, CLOSE.CONNECTION_EXISTS);
    this.database.owner = { device: String(device), connect_n: Number(connect_n) };
    if (this.line !== null) this.close(this.line, CLOSE.SUPERSEDED);
    this.line = line;
    this.record();
    const { last_n, answers } = this.database;
    line.down.push({ t: "welcome", last_n, answers: structuredClone([...answers.values()]), ...this.newest, restored });
  }

  private answer(line: Line, { n: number, question_id: id, value: said }: Sent): void {
    const [n, question_id, value] = [Number(number), String(id), said as Value];
    if (this.line !== line) {
      line.down.push({ t: "refused", n, code: "superseded", detail: "", retry: "never" });
      return this.close(line, CLOSE.SUPERSEDED);
    }
    const body = JSON.stringify([question_id, value]);
    const known = this.database.bodies.get(n);
    if (known !== undefined && known !== body) return this.refuse(line, n, "number_reused", "never");
    if (known === undefined && n <= this.database.last_n) return this.refuse(line, n, "number_skipped", "reload");
    if (known === undefined) {
      this.record();
      this.database.last_n = n;
      this.database.bodies.set(n, body);
      this.database.answers.set(question_id, { question_id, value, n, saved_at_ms: (this.device.now += 1) });
      if (!this.accepted.has(value)) this.accepted.set(value, this.accepted.size);
    }
    line.down.push({ t: "ack", n, ...this.newest, committed_at_ms: this.device.now });
  }

  private refuse(line: Line, n: number, code: string, retry: string): void {
    line.down.push({ t: "refused", n, code, detail: "", retry });
  }

  private close(line: Line, code: number): void {
    // The device that has the attempt then.
    line.down.push({ t: "close", code, owner: this.database.owner?.device });
    if (this.line === line) this.line = null;
  }
}

class Seat {
  readonly store: Promise<Store>;
  readonly words = new Words();
  readonly tab = new Map<string, string>();
  page: Page | null = null;
  lines: Line[] = [];
  opened = new Set<FakeSocket>();
  readonly typed = new Map<string, string>();
  /** The order in which everything here was typed. */
  readonly edits: string[] = [];

  constructor(
    readonly device: FakeDevice,
    name: string,
  ) {
    this.store = openStore(name);
  }

  async open(wanted: boolean): Promise<void> {
    this.page?.session.stop();
    const tab = {
      getItem: (key: string) => this.tab.get(key) ?? null,
      setItem: (key: string, value: string) => void this.tab.set(key, value),
      removeItem: (key: string) => void this.tab.delete(key),
    };
    this.page = new Page(this.device, await this.store, this.words, undefined, tab);
    await this.page.session.open(wanted);
    await settle();
  }

  get phase(): string | undefined {
    return this.page?.view?.connection.phase.name;
  }

  /** Whether `value` was typed here after `than`, or is the same. */
  isAsNew(value: Value | undefined, than: Value | undefined): boolean {
    const before = this.edits.indexOf(String(than));
    return before >= 0 && this.edits.indexOf(String(value)) >= before;
  }

  get is_live(): boolean {
    const view = this.page?.view;
    return view != null && shown(view.connection) === "live";
  }

  /** What the page shows as not saved. */
  refused(question_id: string): Value | undefined {
    const answer = this.page?.view?.model.answers[question_id];
    return answer?.save.kind === "refused" ? answer.value : undefined;
  }
}

class Day {
  readonly device = new FakeDevice();
  readonly server = new Server(this.device);
  readonly seats: Seat[];
  /** What some page was told is saved, by question: the newest. */
  readonly acked = new Map<string, Value>();
  readonly hellos: Sent[] = [];
  /** Lines that no page listens to any more, but whose words may still arrive. */
  late: Line[] = [];
  private edits = 0;

  constructor(
    seed: number,
    private readonly random = chance(seed),
  ) {
    this.seats = ["one", "two"].map((name) => new Seat(this.device, `storm ${seed} ${name}`));
  }

  private pick<T>(from: readonly T[]): T | undefined {
    return from[Math.floor(this.random() * from.length)];
  }

  /** Sockets that the pages have opened since. */
  private meet(): void {
    for (const seat of this.seats) {
      for (const socket of seat.page?.network.sockets ?? []) {
        if (seat.opened.has(socket) || !socket.open) continue;
        seat.opened.add(socket);
        seat.lines.push({ device: seat.page!.identity.device, socket, read: 0, down: [] });
        socket.handlers.opened();
      }
    }
  }

  private get lines(): Line[] {
    return [...this.seats.flatMap(({ lines }) => lines), ...this.late];
  }

  private arrive(line: Line): boolean {
    const message = line.socket.sent[line.read] as Sent | undefined;
    if (message === undefined) return false;
    line.read += 1;
    if (message.t === "hello") this.hellos.push(message);
    this.server.read(line, message);
    return true;
  }

  private async hear(seat: Seat, line: Line): Promise<boolean> {
    const message = line.down.shift();
    if (message === undefined) return false;
    if (message.t === "close") {
      seat.lines.splice(seat.lines.indexOf(line), 1);
      const was_ended = seat.phase === "ended";
      if (line.socket.open) line.socket.drop(Number(message["code"]));
      if (seat.phase === "ended" && !was_ended) expect(message["owner"]).not.toBe(line.device);
    } else if (message.t === "welcome") {
      if (line.socket.open) await this.welcome(seat, line, message);
    } else {
      if (message.t === "ack" && line.socket.open) this.told(line, Number(message["n"]));
      line.socket.say(message);
    }
    await settle();
    return true;
  }

  private async welcome(seat: Seat, line: Line, message: Sent): Promise<void> {
    const { network } = seat.page!;
    if (network.last === line.socket) {
      const { opened } = line.socket.handlers;
      line.socket.handlers.opened = () => undefined;
      const { last_n, answers, seq, head, restored } = message;
      const now = state({ seq: Number(seq), head: String(head), clocks: runsUntil(9_000_000_000) });
      const more = { restored: Boolean(restored) };
      await seat.page!.greet(Number(last_n), answers as SavedAnswer[], now, this.device.now, more);
      line.socket.handlers.opened = opened;
    }
  }

  private told(line: Line, n: number): void {
    for (const { t, n: number, question_id, value } of line.socket.sent.slice(0, line.read) as Sent[]) {
      if (t !== "answer" || Number(number) > n) continue;
      const before = this.acked.get(String(question_id));
      if (before === undefined || this.order(value as Value) > this.order(before)) this.acked.set(String(question_id), value as Value);
    }
  }

  private order(value: Value): number {
    return this.server.accepted.get(value) ?? -1;
  }

  private lose(seat: Seat, line: Line): void {
    seat.lines.splice(seat.lines.indexOf(line), 1);
    line.down = [];
    if (this.random() < 0.5) this.late.push(line);
    line.socket.drop();
  }

  private edit(seat: Seat): void {
    if (seat.page?.view?.model.state == null) return;
    const question_id = this.pick(QUESTIONS)!;
    const value = `v${(this.edits += 1)}`;
    seat.typed.set(question_id, value);
    seat.edits.push(value);
    seat.page.session.edit(question_id, value, this.random() < 0.5);
  }

  private restore(): void {
    this.server.database = structuredClone(this.server.backup);
    this.server.line = null;
    this.late = [];
    for (const seat of this.seats) {
      for (const line of [...seat.lines]) {
        seat.lines.splice(seat.lines.indexOf(line), 1);
        line.socket.drop();
      }
    }
  }

  async step(): Promise<void> {
    this.meet();
    const seat = this.pick(this.seats)!;
    const line = this.pick(this.lines);
    const own = this.pick(seat.lines);
    const what = this.random();
    if (what < 0.2) this.edit(seat);
    else if (what < 0.45) line !== undefined && this.arrive(line);
    else if (what < 0.7) own !== undefined && (await this.hear(seat, own));
    else if (what < 0.8) await this.device.pass(Math.floor(this.random() * 3_000));
    else if (what < 0.86) own !== undefined && this.lose(seat, own);
    else if (what < 0.89) await this.quiet();
    else if (what < 0.91) this.server.read({ device: "", socket: seat.page!.network.last, read: 0, down: [] }, this.pick(this.hellos) ?? { t: "" });
    else if (what < 0.94) seat.phase === "ended" && seat.page!.session.useHere();
    else if (what < 0.96) await this.reload(seat);
    else if (what < 0.98) this.server.backup = structuredClone(this.server.database);
    else this.restore();
    await settle();
  }

  private async reload(seat: Seat): Promise<void> {
    for (const line of [...seat.lines]) this.lose(seat, line);
    await seat.open(false);
  }

  /** All words arrive. */
  async quiet(): Promise<void> {
    for (let moved = true; moved; ) {
      this.meet();
      moved = false;
      for (const line of this.lines) while (this.arrive(line)) moved = true;
      for (const seat of this.seats) for (const line of [...seat.lines]) while (await this.hear(seat, line)) moved = true;
    }
    expect(this.seats.filter(({ is_live }) => is_live).length).toBeLessThanOrEqual(1);
  }

  /** Each device is used once more, with a good network. */
  async settle(): Promise<void> {
    for (const seat of [...this.seats, ...this.seats]) {
      if (seat.phase === "ended") seat.page!.session.useHere();
      for (let round = 0; round < 12; round += 1) {
        await this.quiet();
        await this.device.pass(5_000);
      }
    }
  }

  check(): void {
    for (const question_id of QUESTIONS) {
      const held = this.server.database.answers.get(question_id)?.value;
      const acked = this.acked.get(question_id);
      const is_shown = this.seats.some((seat) => seat.isAsNew(seat.refused(question_id), acked));
      if (acked !== undefined && !is_shown) {
        expect([question_id, this.order(held ?? null)]).toEqual([question_id, Math.max(this.order(held ?? null), this.order(acked))]);
      }
      for (const seat of this.seats) {
        const typed = seat.typed.get(question_id);
        if (typed === undefined || this.server.accepted.has(typed)) continue;
        expect([question_id, typed]).toEqual([question_id, seat.refused(question_id)]);
      }
    }
  }
}

/**
 * On 317 another device has answered after the restoring, under a smaller number than this page knew. On 157 and 162 it has
 * made the restored log as long as before, so that only the hash of a record shows that it is another one. On 178 it has sent an
 * older answer again, which looked newer than this page's.
 */
const DAYS = [...Array.from({ length: 30 }, (_, index) => index + 1), 157, 162, 178, 317];

it.each(DAYS)("on day %i nothing is lost between two devices", async (seed) => {
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const day = new Day(seed);
  for (const seat of day.seats) await seat.open(true);
  for (let i = 0; i < 150; i += 1) await day.step();
  await day.settle();
  for (const seat of day.seats) expect(seat.page?.view?.unsettled).toBe(0);
  day.check();
  for (const seat of day.seats) seat.page?.session.stop();
}, 60_000);
