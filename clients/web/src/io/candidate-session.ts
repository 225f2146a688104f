/**
 * One candidate's attempt on this page: joins the queue, the connection, the device's store and the model, and owns the
 * page's one timer. What it decides is decided in `core/`; here things are only carried where they belong.
 */

import {
  hasEnded,
  isLocked,
  newCandidate,
  reduce,
  type Candidate,
  type CandidateEvent,
  type Dismissible,
  type Pending,
  type Refused,
} from "../core/candidate";
import { wakeAt, type ConnectionState } from "../core/connection";
import { wellFormed } from "../core/format";
import { positionOf, Queue, type OperationBody } from "../core/queue";
import { Warnings } from "../core/warnings";
import { REFUSALS, type Retry } from "../generated/codes";
import type { AttemptState, Operation, SavedAnswer, StaffMessage, ToCandidate, Value, Welcome } from "../generated/messages";
import type { ResumeReply } from "../generated/rest";
import { Arrival, newId } from "./arrival";
import { within, type Device } from "./device";
import { Fetcher } from "./fetcher";
import { Keeper } from "./keeper";
import type { LastWords } from "./last-words";
import { Link } from "./link";
import type { Rest } from "./rest";
import { RestCarrier } from "./rest-carrier";
import type { Outcome } from "./rest-sender";
import type { OpenSocket } from "./socket";
import { MemoryStore, PATIENCE_MS, type AttemptRecord, type Kept, type Store } from "./store";

export interface CandidateView {
  model: Candidate;
  connection: ConnectionState;
  /** Operations that the server has not settled. */
  unsettled: number;
  /** Whether what is typed survives a crash of this browser. */
  durable: boolean;
}

export interface Parts {
  rest: Rest;
  store: Store;
  open: OpenSocket<ToCandidate>;
  device: Device;
  last_words: LastWords;
}

/** A text is sent this long after the last key. */
const TYPING_MS = 800;

export class CandidateSession {
  private model: Candidate;
  private queue = new Queue();
  private store: Store;
  private keeper: Keeper;
  private refused = new Map<string, Refused>();
  private readonly arrival: Arrival;
  private readonly link: Link<ToCandidate>;
  private readonly carrier: RestCarrier;
  private readonly fetcher: Fetcher;
  private readonly edits = new Map<string, number>();
  private readonly receipted = new Set<string>();
  private readonly dismissed = new Set<string>();
  private readonly warnings = new Warnings();
  private durable: boolean;
  private cancelTimer: (() => void) | null = null;
  /** Sends go out one after the other, each after its operations are on the device. */
  private sending: Promise<void> = Promise.resolve();
  private flushed_deadline: number | null = null;
  private stopped = false;

  constructor(
    private readonly record: AttemptRecord,
    private readonly parts: Parts,
    private readonly changed: (view: CandidateView) => void,
  ) {
    const { attempt_id, test_id, paper } = record;
    this.model = newCandidate(attempt_id, test_id, paper);
    this.store = parts.store;
    this.durable = parts.store.durable;
    this.keeper = new Keeper(parts.store, attempt_id, this.queue, parts.device);
    const path = `/ws/attempts/${encodeURIComponent(attempt_id)}`;
    this.arrival = new Arrival(record.token, newId());
    this.link = new Link(path, () => this.arrival.hello(), true, parts.open, parts.device, {
      message: (message) => this.receive(message),
      unreadable: (error) => this.trouble(`A message from the server could not be read (${String(error)}).`),
      lost: () => this.queue.disconnected(),
      askRest: () => void this.carrier.resume(),
      changed: () => this.update(),
    });
    this.carrier = new RestCarrier(attempt_id, parts.rest, this.arrival, parts.device, this.link, {
      take: () => this.queue.take(parts.device.local()),
      keep: () => this.keep(),
      resumed: (reply) => this.resumed(reply),
      outcome: (outcome) => this.outcome(outcome),
      stated: (state) => this.stated(state),
      told: (message) => this.tell(message),
      lost: () => this.queue.disconnected(),
      pump: () => this.pump(),
      changed: () => this.update(),
    });
    this.fetcher = new Fetcher(attempt_id, parts.rest, parts.device, {
      paper: (fetched) => {
        this.record.paper = fetched;
        void this.store.putAttempt({ ...this.record, title: fetched.title });
        this.apply({ type: "paper", paper: fetched });
      },
      result: (result) => this.apply({ type: "result", result }),
      note: (note) => this.apply({ type: "result_note", note }),
    });
  }

  /** Reads what the device kept, and connects. */
  async open(): Promise<void> {
    const { attempt_id } = this.record;
    const { device, last_words } = this.parts;
    const kept = await this.load();
    const last = last_words.read(attempt_id);
    // The last words are newer than what the device has kept.
    const entries = [...new Map([...kept.entries, ...last].map((entry) => [entry.key, entry])).values()];
    this.queue = new Queue(entries);
    this.queue.unkept({ put: last, removed: [] });
    this.keeper = new Keeper(this.store, attempt_id, this.queue, device);
    this.refused = new Map(kept.refused.map((draft) => [draft.question_id, draft]));
    for (const { body } of entries) if (body.t === "receipt" && body.seen) this.dismissed.add(body.message_id);
    // Where nothing is kept they would come up again at the next time, however old.
    if (last.length > 0 && ((await this.keep()) || !this.store.durable)) last_words.put(attempt_id, []);
    if (!this.stopped) this.link.dispatch({ type: "start" });
  }

  private async load(): Promise<Kept> {
    try {
      return await within(this.parts.device, PATIENCE_MS, this.store.load(this.record.attempt_id));
    } catch (error) {
      // What lies there is left alone, for the next time; nothing new may be written over it.
      console.error("could not read what this device has kept", error);
      this.store = new MemoryStore();
      this.durable = false;
      return { entries: [], refused: [] };
    }
  }

  /** Another tab has taken over, or the page goes: nothing is sent or written any more. */
  stop(): void {
    this.stopped = true;
    this.cancelTimer?.();
    this.carrier.stop();
    this.link.close();
  }

  /** The server's time. */
  now(): number {
    return this.link.now();
  }

  // ── what the candidate does ─────────────────────────────────────────────────────────────────────────────────

  start(): void {
    this.apply({ type: "starting" });
    this.operate({ t: "start", client_at_ms: this.parts.device.wall() });
  }

  /** `typed`: more may follow at once, so it waits for a pause. */
  edit(question_id: string, value: Value, typed: boolean): void {
    if (!this.writable()) return;
    if (this.refused.delete(question_id)) this.keeper.refuse(question_id, null);
    const edit = (this.edits.get(question_id) ?? 0) + 1;
    this.edits.set(question_id, edit);
    this.apply({ type: "edited", question_id, value });
    // The page goes on with what was typed: the other half may come with the next key.
    const sent = typeof value === "string" ? wellFormed(value) : value;
    const client_at_ms = this.parts.device.wall();
    this.operate({ t: "answer", question_id, value: sent, position: null, client_at_ms }, typed ? TYPING_MS : 0);
    void this.keep().then((kept) => {
      if (kept && this.edits.get(question_id) === edit) this.apply({ type: "kept", question_ids: [question_id] });
    });
  }

  flag(question_id: string, flagged: boolean): void {
    if (!this.writable()) return;
    this.apply({ type: "flagged", question_id, flagged });
    this.operate({ t: "flag", question_id, flagged, client_at_ms: this.parts.device.wall() });
  }

  goTo(index: number): void {
    if (index < 0 || index >= this.model.question_total || index === this.model.index) return;
    this.queue.flush();
    this.apply({ type: "went", index });
    const { device } = this.parts;
    if (this.writable()) this.queue.goTo(index, device.wall(), device.local());
    this.pump();
  }

  /** The field was left, or the page is about to be hidden: don't wait for more keys. */
  flush(): void {
    this.queue.flush();
    this.pump();
  }

  /** The page may be gone in an instant: what is not settled is kept without waiting for anything. */
  leave(): void {
    this.flush();
    if (!this.stopped) this.parts.last_words.put(this.record.attempt_id, this.queue.stored());
  }

  /** The page is still there after all: from here on the device's store is right again. */
  stay(): void {
    if (!this.stopped) this.parts.last_words.put(this.record.attempt_id, []);
  }

  handIn(): void {
    this.apply({ type: "handing_in" });
    this.queue.flush();
    this.operate({ t: "submit", client_at_ms: this.parts.device.wall() });
  }

  dismissMessage(message_id: string): void {
    this.dismissed.add(message_id);
    this.apply({ type: "message_dismissed", message_id });
    this.operate({ t: "receipt", message_id, seen: true, client_at_ms: this.parts.device.wall() });
  }

  dismiss(what: Dismissible): void {
    this.apply({ type: "dismissed", what });
  }

  /** After a refusal: send this device's answer under a new number. */
  useMine(question_id: string): void {
    const draft = this.refused.get(question_id);
    if (draft !== undefined) this.edit(question_id, draft.value, false);
  }

  /** After a refusal: show what the server holds. */
  useTheirs(question_id: string): void {
    if (!this.refused.delete(question_id)) return;
    this.keeper.refuse(question_id, null);
    void this.keep();
    this.apply({ type: "forgot", question_id });
  }

  /** A person asks for it, or the browser says that the network is back. */
  reconnect(): void {
    this.arrival.takeOver();
    this.link.dispatch({ type: "reconnect" });
  }

  nudge(): void {
    this.link.dispatch({ type: "nudge" });
  }

  /** The browser says that there is no network. */
  offline(): void {
    this.link.dispatch({ type: "offline" });
  }

  // ── what the server says ────────────────────────────────────────────────────────────────────────────────────

  private receive(message: ToCandidate): void {
    switch (message.t) {
      case "welcome":
        this.resumed(message);
        this.link.welcomed(message);
        break;
      case "ack":
        this.arrival.saw(message.seq);
        this.settled(this.queue.ack(message.n), message.committed_at_ms);
        break;
      case "refused":
        if (message.n === null) this.trouble(message.detail);
        else this.refusedBy(message.n, message.code, message.detail, message.retry as Retry);
        break;
      case "state":
        this.stated(message.state);
        break;
      case "warning":
        this.warnings.pushed(message);
        this.apply({ ...message, type: "warning" });
        break;
      case "message":
        this.tell(message);
        break;
      case "echo":
      case "goodbye":
      case "renewed":
        break;
      // A page cannot get a fresh token by itself: it came with its link. Once started, an attempt outlives its token.
      case "token_expiring":
        this.apply({ type: "token_expiring", expires_at_ms: message.expires_at_ms });
        break;
    }
    this.pump();
  }

  private resumed(reply: Welcome | ResumeReply): void {
    this.arrival.welcomed(reply.state);
    this.queue.outdated(reply.answers).forEach((body) => this.overtaken(body, reply.answers));
    this.queue.connected(reply.last_n);
    this.warnings.rules(reply.warnings_ms);
    const refused = [...this.refused.values()];
    this.apply({ ...reply, type: "welcome", pending: this.pending(), refused });
    this.knowOwner(reply);
    reply.unseen.forEach((message) => this.tell(message));
    this.stated(reply.state, reply.now_ms);
    if (reply.warning !== null && this.warnings.pushed(reply.warning)) this.apply({ ...reply.warning, type: "warning" });
  }

  /** Who comes to this device next must see whose attempt it is before she goes on with it. */
  private knowOwner({ title, candidate_name }: Welcome | ResumeReply): void {
    const { record } = this;
    if (record.title === title && record.candidate_name === candidate_name) return;
    Object.assign(record, { title, candidate_name });
    void this.store.putAttempt({ ...record });
  }

  private pending(): Pending {
    const answers: Record<string, Value> = {};
    const flags: Record<string, boolean> = {};
    let index: number | null = null;
    for (const body of this.queue.bodies()) {
      if (body.t === "answer") answers[body.question_id] = body.value;
      if (body.t === "flag") flags[body.question_id] = body.flagged;
      index = positionOf(body) ?? index;
    }
    return { answers, flags, index };
  }

  private stated(state: AttemptState, now = this.now()): void {
    this.arrival.saw(state.seq);
    this.queue.status(state.status);
    this.apply({ type: "state", state });
    this.warnings.deadline(this.model.state?.deadline_ms ?? null, now);
    this.fetcher.want(state, this.model.paper !== null);
    if (hasEnded(state.status)) this.dropToken();
  }

  /** The attempt has ended: the key to it need not lie on this device any longer. The tab itself still has it. */
  private dropToken(): void {
    if (this.record.token === "") return;
    this.record.token = "";
    void this.store.putAttempt({ ...this.record });
  }

  private tell(message: StaffMessage): void {
    // Dismissed here already, though the server has not heard of it yet.
    if (this.dismissed.has(message.message_id)) return;
    this.apply({ type: "message", message });
    this.confirm(message);
  }

  private confirm({ message_id }: StaffMessage): void {
    if (this.receipted.has(message_id)) return;
    this.receipted.add(message_id);
    this.operate({ t: "receipt", message_id, seen: false, client_at_ms: this.parts.device.wall() });
  }

  private settled(operations: readonly Operation[], at_ms: number): void {
    for (const operation of operations) {
      if (operation.t !== "answer") continue;
      const { question_id, value, n } = operation;
      const newer = this.queue.answerOf(question_id) !== null;
      this.apply({ type: "saved", question_id, value, n, at_ms, newer });
    }
    if (operations.length > 0) void this.keep();
  }

  private refusedBy(n: number, code: string, detail: string, retry: Retry): void {
    const { device } = this.parts;
    const refusal = this.queue.refuse(n, code, retry, device.local(), device.random());
    if (refusal === null) return;
    const { fate, body } = refusal;
    if (fate === "resync") this.link.dispatch({ type: "reconnect" });
    if (fate === "refused") this.tellRefused(body, code, detail);
    void this.keep();
  }

  /** Another device has answered the question since this one began to: neither answer is lost, and she decides. */
  private overtaken(body: OperationBody, held: readonly SavedAnswer[]): void {
    if (body.t !== "answer") return;
    const { question_id, value } = body;
    const theirs = held.find((answer) => answer.question_id === question_id);
    void this.keep();
    if (JSON.stringify(theirs?.value) === JSON.stringify(value)) return;
    const refused = { question_id, value, code: "number_reused", detail: REFUSALS.number_reused.sentence };
    this.refused.set(question_id, refused);
    this.keeper.refuse(question_id, refused);
  }

  private tellRefused(body: OperationBody, code: string, detail: string): void {
    switch (body.t) {
      case "answer": {
        const { question_id, value } = body;
        if (this.queue.answerOf(question_id) !== null) return;
        const refused = { question_id, value, code, detail };
        this.refused.set(question_id, refused);
        this.keeper.refuse(question_id, refused);
        this.apply({ type: "refused", refused });
        break;
      }
      case "start":
        this.apply({ type: "start_refused", detail });
        break;
      case "submit":
        this.apply({ type: "hand_in_refused", detail });
        break;
      case "flag":
        if (!hasEnded(this.model.state?.status)) this.trouble(detail);
        break;
      default:
        // A position or a receipt that came too late costs the candidate nothing.
        console.warn(`${body.t} refused: ${code}`);
    }
  }

  // ── sending ─────────────────────────────────────────────────────────────────────────────────────────────────

  private operate(body: OperationBody, wait_ms = 0): void {
    this.queue.add(body, this.parts.device.local(), wait_ms);
    this.pump();
  }

  private pump(): void {
    if (this.stopped) return;
    if (this.link.live) this.sendBySocket(this.queue.take(this.parts.device.local()));
    else void this.carrier.pump();
    this.update();
  }

  private sendBySocket(operations: Operation[]): void {
    if (operations.length === 0) return;
    const connection = this.link.generation;
    const kept = this.keep();
    this.sending = this.sending.then(async () => {
      await kept;
      // Meanwhile the connection may have been replaced: the queue gives these out again.
      if (this.stopped || connection !== this.link.generation) return;
      for (const operation of operations) this.link.send(operation);
    });
  }

  private outcome({ acked, done, refused, at_ms, reply }: Outcome): void {
    // Refusals first, as a socket tells them: an ack after them then shows what it has overtaken.
    for (const { n, code, detail, retry } of refused) {
      if (n === null) this.trouble(detail);
      else this.refusedBy(n, code, detail, retry as Retry);
    }
    if (done !== null) this.queue.ackKind(done);
    this.settled(this.queue.ackExactly(acked), at_ms);
    if (reply !== null) this.stated(reply.state);
  }

  // ── bookkeeping ─────────────────────────────────────────────────────────────────────────────────────────────

  private writable(): boolean {
    const { state } = this.model;
    return !this.stopped && state?.status === "in_progress" && !isLocked(state, this.now());
  }

  private trouble(detail: string): void {
    this.apply({ type: "trouble", detail });
  }

  private async keep(): Promise<boolean> {
    if (this.stopped) return false;
    const kept = await this.keeper.keep();
    if (kept !== this.durable) {
      this.durable = kept;
      this.update();
    }
    return kept;
  }

  private apply(event: CandidateEvent): void {
    this.model = reduce(this.model, event);
    this.update();
  }

  private update(): void {
    if (this.stopped) return;
    const { model, queue, durable } = this;
    this.changed({ model, connection: this.link.state, unsettled: queue.size, durable });
    this.schedule();
  }

  private schedule(): void {
    const { device } = this.parts;
    const times: number[] = [];
    const at = (time: number | null): void => void (time !== null && times.push(time));
    at(wakeAt(this.link.state));
    at(this.carrier.wakeAt());
    if (this.link.live || this.carrier.ready) at(this.queue.wakeAt());
    const deadline_ms = this.model.state?.deadline_ms ?? null;
    if (deadline_ms !== null && this.flushed_deadline !== deadline_ms) at(this.link.clock.localAt(deadline_ms));
    const warning_at = this.warnings.next(this.link.live);
    if (warning_at !== null) at(this.link.clock.localAt(warning_at));
    this.cancelTimer?.();
    this.cancelTimer = null;
    if (times.length > 0) this.cancelTimer = device.after(Math.min(...times) - device.local(), () => this.wake());
  }

  private wake(): void {
    this.cancelTimer = null;
    const deadline_ms = this.model.state?.deadline_ms ?? null;
    if (deadline_ms !== null && this.flushed_deadline !== deadline_ms && this.now() >= deadline_ms) {
      // The page is locked from here on; what was typed goes out within the grace.
      this.flushed_deadline = deadline_ms;
      this.queue.flush();
    }
    const warning = this.warnings.due(this.now(), this.link.live);
    if (warning !== null) this.apply({ ...warning, type: "warning" });
    this.carrier.tick();
    this.link.tick();
    this.pump();
  }
}
