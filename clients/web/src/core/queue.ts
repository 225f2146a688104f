/**
 * The numbered operations of one attempt that the server has not settled yet.
 *
 * 1. An operation gets its number when it is first taken for sending, so numbers go out in their order. Until then a
 *    later edit of the same thing replaces it. At most `SEND_WINDOW` are on the wire at once.
 * 2. What was taken stays here, with its number, until an ack or a refusal settles it. A new connection sends it again.
 * 3. An ack is cumulative over what was sent on this connection. So a refused operation goes out again under its old
 *    number only while no higher number is on the wire or acknowledged; else it gets a new one (it changed nothing).
 *    What a later operation about the same thing has overtaken does not go out again: it would undo it.
 *    After a refusal for now one operation goes first, alone. Where it says that the clock does not run, the hold ends when
 *    it does; a start, receipts and raised hands do not wait for it.
 * 4. Submitting and entering a section wait until everything before them is settled. Of what is held back by rule 7 only answers hold it up.
 * 5. An answer was made against what the server held then. If another device has answered the same question since, this
 *    one does not overwrite it: `outdated` hands it back, and the candidate decides. Its number alone would not show it:
 *    the other device may have used fewer numbers.
 * 6. Where the candidate is goes with an answer that has not left yet, else by an operation of its own. Of all that has
 *    no number only one says it, so whichever leaves last can't put her back.
 *
 * 7. `internal` may be the fault of the one operation. From the second such refusal in a row of what is about the same
 *    thing, only that is held back, for a time of its own, and loses its number; all else goes on. After `INTERNAL_TRIES`
 *    it counts as refused, and the candidate is told.
 *
 * The same rules as `clients/python/queue.py`; `protocol/vectors/traces.json` holds both to them.
 *
 * No timers and no input or output: the caller stores what `entries.changes()` names, and sends without waiting for that.
 * What a crash leaves on the device without its number, or not at all, does no harm: it is sent once more under another
 * number, or was acknowledged.
 */

import type { Retry } from "../generated/codes";
import { SEND_WINDOW } from "../generated/limits";
import type { Operation, SavedAnswer } from "../generated/messages";
import { backoffMs, type Backoff } from "./backoff";
import { Entries, type Entry } from "./entries";
import { closes, isKept, subject, waits, type OperationBody, type Pace, type StoredEntry } from "./operation";
import { overtakenBy } from "./overtaken";
import { ABOUT_THE_CONNECTION } from "./remedy";
import { Troubles } from "./troubles";
import { retryCapMs } from "./urgency";
import { Whereabouts } from "./whereabouts";

/** What became of a refused operation: `kept` goes out again by itself, `resync` after a fresh welcome. */
export type Refusal = { fate: "kept" | "resync" | "dropped" | "refused"; body: OperationBody } | null;

const AT_ONCE: Pace = { quiet_ms: 0, most_ms: 0 };
const CLOCK_STANDS: ReadonlySet<string> = new Set(["paused", "not_started"]);
const STANDING: ReadonlySet<string> = new Set(["paused", "initiated"]);
const RETRY: Backoff = { base_ms: 1_000, cap_ms: 15_000 };

export class Queue {
  /** What is not settled. Only this queue adds and removes. */
  readonly entries = new Entries();
  private readonly whereabouts = new Whereabouts(this.entries);
  private readonly troubles = new Troubles();
  private next_n = 1;
  /** The highest number that the server is known to have accepted. */
  private accepted = 0;
  /** The highest number acknowledged on this connection. */
  private acked = 0;
  /** Until when nothing leaves, in local time; 0: nothing was refused for now. */
  private hold_until = 0;
  /** Something was refused because the clock does not run. */
  private stands = false;
  private status_now = "";
  /** Only one may be on the wire: the first after a refusal for now. */
  private alone = false;
  /** The highest number that the server had accepted at the welcome. */
  private welcomed_n = 0;
  private refusals = 0;
  private skips = 0;
  /** When something was last taken, in local time: what was ready then waits for an event. */
  private taken_at = -Infinity;

  constructor(stored: readonly StoredEntry[] = []) {
    this.restore(stored, true);
  }

  /** Takes what an earlier page left; `kept`: the device has it as it is. To be called before anything is added. */
  restore(stored: readonly StoredEntry[], kept: boolean): void {
    this.entries.restore(stored, kept);
    this.whereabouts.restored();
  }

  /** An earlier page was told that the server has accepted numbers up to `n`. To be called before anything is added. */
  known(n: number): void {
    this.accepted = Math.max(this.accepted, n);
  }

  /** Adds an operation. `apart`: also where an earlier one about the same thing waits, which it does not replace. */
  add(body: OperationBody, now: number, pace = AT_ONCE, apart = false): void {
    const about = subject(body);
    const draft = this.all.filter((entry) => entry.n === null && subject(entry.body) === about).at(-1);
    if (draft === undefined || apart) {
      this.entries.add(body, this.accepted, now + pace.quiet_ms, now);
      return;
    }
    // Moving is `goTo`'s: an edit leaves the position where it is.
    draft.body = body.t === "answer" && draft.body.t === "answer" ? { ...body, position: draft.body.position } : body;
    draft.ready_at = Math.min(now + pace.quiet_ms, draft.since + pace.most_ms);
    this.entries.changed(draft);
  }

  /** The candidate has gone to another question. */
  goTo(position: number, client_at_ms: number, now: number): void {
    this.flush();
    const move = this.whereabouts.goTo(position, client_at_ms);
    if (move !== null) this.add(move, now);
  }

  /** Nobody is typing any more: every draft may go. */
  flush(): void {
    for (const entry of this.all) entry.ready_at = 0;
  }

  /** A connection is ready; the server's highest number is `last_n`. Everything unsettled goes out again. */
  connected(last_n: number): void {
    this.disconnected();
    this.accepted = this.welcomed_n = last_n;
    this.entries.sort();
    this.next_n = Math.max(this.next_n, last_n + 1, this.entries.highest + 1);
    this.skips = 0;
    this.troubles.release();
    this.hold_until = 0;
  }

  /**
   * Takes out the answers that another device has overtaken, given what the server holds. To be called before
   * `connected`, while it is still known what this page had heard of. `known`, by question: what the server held as far as
   * this page was told, where its database was restored since. Numbers begin anew there, so the time of saving counts.
   */
  outdated(held: readonly SavedAnswer[], known: Readonly<Record<string, SavedAnswer>> | null = null): OperationBody[] {
    const overtaken = overtakenBy(held, this.all, known);
    overtaken.forEach((entry) => this.drop(entry));
    return overtaken.map((entry) => entry.body);
  }

  /** What was on the wire may or may not have arrived. */
  disconnected(): void {
    for (const entry of this.all) entry.sent = entry.held = false;
    this.alone = false;
    this.acked = 0;
  }

  /** The attempt's status as the server last told it. */
  status(status: string): void {
    this.status_now = status;
    if (STANDING.has(status)) return;
    this.stands = false;
    if (status === "in_progress") return;
    // Ended: a reopened attempt must not hand itself in again.
    this.all.filter(({ body }) => !isKept(body)).forEach((entry) => this.entries.remove(entry));
  }

  /** What may be sent now, in order, each with its number; it counts as sent from here on. */
  take(now: number): Operation[] {
    this.taken_at = now;
    if (now < this.hold_until) return [];
    this.hold_until = 0;
    this.troubles.release(now);
    const taken: Operation[] = [];
    for (let entry = this.next(now); entry !== null; entry = this.next(now)) {
      if (this.stands) entry.held = false;
      else for (const other of this.all) other.held = false;
      entry.n ??= this.next_n++;
      entry.sent = true;
      entry.sent_at = now;
      this.entries.changed(entry);
      taken.push({ ...entry.body, n: entry.n } as Operation);
    }
    return taken;
  }

  /** A cumulative ack. Returns what it settles. */
  ack(n: number): Operation[] {
    return this.settle(n, (entry) => entry.n! <= n);
  }

  /** An ack of exactly these numbers (REST). */
  ackExactly(numbers: readonly number[]): Operation[] {
    const named = new Set(numbers);
    return this.settle(Math.max(0, ...numbers), (entry) => named.has(entry.n!));
  }

  /** Settles what REST does not number: the one operation of this kind. */
  ackKind(kind: "start" | "submit"): OperationBody[] {
    const done = this.all.filter((entry) => entry.body.t === kind);
    done.forEach((entry) => this.entries.remove(entry));
    return done.map((entry) => entry.body);
  }

  /**
   * The server refused operation `n`; `closing_at` is when it stops accepting, in local time. Null: the queue does not have
   * this operation (any more).
   */
  refuse(n: number, code: string, retry: Retry, now: number, random: number, closing_at: number | null = null): Refusal {
    const entry = this.all.find((candidate) => candidate.sent && candidate.n === n);
    if (entry === undefined) return null;
    const body = entry.body;
    const cap_ms = retryCapMs(closing_at, now, RETRY.cap_ms);
    if (CLOCK_STANDS.has(code) && STANDING.has(this.status_now) && waits(body)) {
      this.stands = true;
      return { fate: this.holdBack(entry), body };
    }
    if (ABOUT_THE_CONNECTION.has(code)) {
      this.hold_until = Math.max(this.hold_until, now + cap_ms);
      return { fate: this.holdBack(entry), body };
    }
    if (code === "number_skipped") {
      this.opened();
      entry.sent = false;
      if (!this.renumber(entry)) return { fate: "dropped", body };
      if (n > this.welcomed_n) this.skips += 1;
      // Twice in a row: the server's numbers are not where this page thinks they are.
      return { fate: this.skips > 1 ? "resync" : "kept", body };
    }
    if (body.t === "start" && code === "already_started") {
      this.entries.remove(entry);
      this.opened();
      return { fate: "dropped", body };
    }
    if (code === "internal" && body.t !== "start") {
      const fate = this.failed(entry, now, random, cap_ms);
      if (fate !== null) return { fate, body };
    }
    // Whether to start later is the candidate's decision, not the queue's; and what waits for no start is not for later.
    const for_good = retry === "never" || body.t === "start" || (code === "not_started" && !waits(body));
    if (!for_good) {
      if (this.hold_until <= now) this.hold_until = now + 250 + backoffMs(this.refusals++, { ...RETRY, cap_ms }, random);
      return { fate: this.holdBack(entry), body };
    }
    this.drop(entry);
    this.opened();
    return { fate: "refused", body };
  }

  /** Takes out what is of this kind; whether there was any. */
  forget(kind: OperationBody["t"]): boolean {
    const found = this.all.filter((candidate) => candidate.body.t === kind);
    found.forEach((entry) => this.entries.remove(entry));
    return found.length > 0;
  }

  /** When `take` may have something that it has not now; null: only an event can change that. */
  wakeAt(): number | null {
    if (this.hold_until > 0) return this.hold_until;
    const times = this.all.flatMap((entry) => {
      if (entry.sent) return [];
      const until = Math.max(this.troubles.until(entry), entry.n === null ? entry.ready_at : 0);
      return until > Math.max(0, this.taken_at) ? [until] : [];
    });
    return times.length === 0 ? null : Math.min(...times);
  }

  /** Numbers on the wire that were refused as `internal` before: what is sent together with them may be refused with them. */
  suspects(): Set<number> {
    const suspects = this.all.filter((entry) => entry.sent && this.troubles.has(entry));
    return new Set(suspects.map((entry) => entry.n!));
  }

  /** Since when the oldest of what is on the wire has waited for its acknowledgement, in local time; null: nothing is. */
  waitingSince(): number | null {
    const waiting = this.all.filter((entry) => entry.sent);
    return waiting.length === 0 ? null : Math.min(...waiting.map((entry) => entry.sent_at));
  }

  /** The highest number that the server had accepted at the welcome. */
  get welcomed(): number {
    return this.welcomed_n;
  }

  /** The highest number that the server is known to have accepted. */
  get last_accepted(): number {
    return this.accepted;
  }

  /** The newest operation about this question's answer that is not settled. */
  answerOf(question_id: string): OperationBody | null {
    const its = this.all.filter(({ body }) => body.t === "answer" && body.question_id === question_id);
    return its.at(-1)?.body ?? null;
  }

  bodies(): OperationBody[] {
    return this.all.map((entry) => entry.body);
  }

  get size(): number {
    return this.entries.size;
  }

  private get all(): readonly Entry[] {
    return this.entries.all;
  }

  private settle(n: number, covered: (entry: Entry) => boolean): Operation[] {
    this.accepted = Math.max(this.accepted, n);
    this.acked = Math.max(this.acked, n);
    const done = this.all.filter((entry) => entry.sent && entry.n !== null && covered(entry));
    done.forEach((entry) => this.entries.remove(entry));
    if (done.length > 0) this.opened();
    done.forEach((entry) => this.dropOvertaken(entry));
    for (const entry of this.all.filter(({ held, n }) => held && n !== null && n <= this.acked)) this.renumber(entry);
    done.forEach((entry) => this.troubles.over(entry));
    // This connection is the one that writes: what was typed meanwhile has nothing of another device before it.
    for (const entry of this.all.filter(({ base }) => base < this.accepted)) {
      entry.base = this.accepted;
      this.entries.changed(entry);
    }
    if (done.length > 0) this.refusals = this.skips = 0;
    return done.map((entry) => ({ ...entry.body, n: entry.n }) as Operation);
  }

  /** What may leave first. */
  private next(now: number): Entry | null {
    const flying = this.all.filter(({ sent }) => sent);
    if (flying.length >= SEND_WINDOW) return null;
    // Before what was refused for now, and beside the first after it, nothing is on the wire.
    if (flying.length > 0 && (this.alone || this.all.some(({ held }) => held))) return null;
    for (const entry of this.all) {
      if (entry.sent || this.isHeldBack(entry)) continue;
      if (this.stands && waits(entry.body)) continue;
      if (entry.n === null && entry.ready_at > now) continue;
      if (closes(entry.body) && !this.mayClose(entry)) return null;
      // An ack of a higher number could be taken for its own.
      return entry.n !== null && flying.some(({ n }) => n! > entry.n!) ? null : entry;
    }
    return null;
  }

  private mayClose(closing: Entry): boolean {
    const before = this.all.filter(({ key }) => key < closing.key);
    return before.every((entry) => entry.body.t !== "answer" && this.troubles.until(entry) > 0);
  }

  /** Something that was on the wire is settled: unless something waits for its turn alone, more may follow. */
  private opened(): void {
    if (!this.all.some(({ held }) => held)) this.alone = false;
  }

  /** It goes again later; with an old number only where no higher one was acknowledged. */
  private holdBack(entry: Entry): "kept" | "dropped" {
    entry.sent = false;
    entry.held = this.alone = true;
    return entry.n! > this.acked || this.renumber(entry) ? "kept" : "dropped";
  }

  /** Whether this is held back by itself; of what was in trouble once only one is on the wire at a time. */
  private isHeldBack(entry: Entry): boolean {
    if (!this.troubles.has(entry)) return false;
    const about = subject(entry.body);
    return this.troubles.until(entry) > 0 || this.all.some((other) => other.sent && subject(other.body) === about);
  }

  /** Refused as `internal`; null: as anything that is refused for now. */
  private failed(entry: Entry, now: number, random: number, cap_ms: number): "kept" | "dropped" | "refused" | null {
    const holds = this.troubles.failed(entry, now, random, { ...RETRY, cap_ms });
    if (holds === "everything") return null;
    this.opened();
    if (holds === "alone") {
      entry.sent = false;
      return this.renumber(entry) ? "kept" : "dropped";
    }
    this.drop(entry);
    return "refused";
  }

  /** What was refused for now is older than what is saved now: nobody wants it any more. */
  private dropOvertaken(saved: Entry): void {
    const about = subject(saved.body);
    const older = this.all.filter((entry) => !entry.sent && entry.key < saved.key && subject(entry.body) === about);
    older.forEach((entry) => this.drop(entry));
  }

  /** Takes an unsent entry's number away; where something newer about the same thing waits, drops it: false. */
  private renumber(entry: Entry): boolean {
    const about = subject(entry.body);
    const newer = this.all.some((other) => other.key > entry.key && subject(other.body) === about);
    if (newer || this.whereabouts.hasLeft(entry)) {
      this.drop(entry);
      return false;
    }
    this.whereabouts.putOff(entry);
    entry.n = null;
    entry.ready_at = 0;
    this.entries.sort();
    this.entries.changed(entry);
    return true;
  }

  /** Takes out what will not be accepted; where the candidate is stays. */
  private drop(entry: Entry): void {
    this.entries.remove(entry);
    const move = this.whereabouts.without(entry);
    if (move !== null) this.add(move, 0);
  }
}
