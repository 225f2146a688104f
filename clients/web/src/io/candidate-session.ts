/**
 * One candidate's attempt on this page: joins the queue, the connection, the device's store and the model. What it decides
 * is decided in `core/`; here things are only carried where they belong.
 */

import {
  hasEnded,
  isLocked,
  knowsClock,
  newCandidate,
  reduce,
  type Candidate,
  type CandidateEvent,
  type Dismissible,
  type Offered,
  type Pending,
} from "../core/candidate";
import { shown, type ConnectionState } from "../core/connection";
import { isTold, positionOf, subject, type OperationBody, type Pace, type PlainBody } from "../core/operation";
import { Queue } from "../core/queue";
import { remedy } from "../core/remedy";
import { isOpenAt, shutBy } from "../core/sections";
import { patienceMs, retryCapMs } from "../core/urgency";
import type { Retry } from "../generated/codes";
import type { AttemptState, Operation, ToCandidate, Value, Welcome } from "../generated/messages";
import type { ResumeReply } from "../generated/rest";
import { Answers, goesBack } from "./answers";
import { Arrival } from "./arrival";
import type { Device } from "./device";
import { Fetcher } from "./fetcher";
import type { Identity } from "./identity";
import { Keeper } from "./keeper";
import type { LastWords } from "./last-words";
import { Link, LOST } from "./link";
import { Mailbox } from "./mailbox";
import { TIMEOUT_MS, type Rest } from "./rest";
import { RestCarrier } from "./rest-carrier";
import type { Outcome } from "./rest-sender";
import type { OpenSocket } from "./socket";
import type { AttemptRecord, Store } from "./store";
import { Timekeeper } from "./timekeeper";
import { WayBack, type TabPlace } from "./way-back";

export interface CandidateView {
  model: Candidate;
  connection: ConnectionState;
  /** Operations that the server has not settled. */
  unsettled: number;
  /** Whether what is typed survives a crash of this browser. */
  durable: boolean;
  /** False: the clock may stand at the server, and this page can't know. No less time is left than it counts. */
  knows_clock: boolean;
}

export interface Parts {
  rest: Rest;
  store: Store;
  open: OpenSocket<ToCandidate>;
  device: Device;
  last_words: LastWords;
  tab: TabPlace;
  identity: Identity;
}

export class CandidateSession {
  private model: Candidate;
  private readonly queue = new Queue();
  private readonly keeper: Keeper;
  private readonly answers: Answers;
  private readonly mailbox: Mailbox;
  private readonly way_back: WayBack;
  private readonly arrival: Arrival;
  private readonly link: Link<ToCandidate>;
  private readonly carrier: RestCarrier;
  private readonly fetcher: Fetcher;
  private readonly timekeeper: Timekeeper;
  private stopped = false;
  private frozen = false;
  /** The questions that the server has as flagged. */
  private held_flags = new Set<string>();
  /** A welcome is being read: the connection that it came on is not in force yet, and nothing may leave on the one before. */
  private welcoming = false;

  constructor(
    record: AttemptRecord,
    private readonly parts: Parts,
    private readonly changed: (view: CandidateView) => void,
  ) {
    const { attempt_id, test_id, paper } = record;
    const { rest, store, device, last_words } = parts;
    const apply = (event: CandidateEvent): void => this.apply(event);
    const operate = (body: OperationBody, pace?: Pace, apart?: boolean): void => this.operate(body, pace, apart);
    this.model = newCandidate(attempt_id, test_id, paper);
    this.way_back = new WayBack(record, store, parts.tab);
    this.keeper = new Keeper(store, last_words, attempt_id, this.queue, device, {
      changed: () => this.apply({ type: "kept", question_ids: this.queue.keptAnswers() }),
      lost: () => this.way_back.again(),
    });
    this.answers = new Answers(this.queue, this.keeper, device, { model: () => this.model, apply, operate });
    this.mailbox = new Mailbox(() => device.wall(), apply, operate);
    const path = `/ws/attempts/${encodeURIComponent(attempt_id)}`;
    this.arrival = new Arrival(record.token, parts.identity, () => device.local());
    this.link = new Link(path, this.arrival, true, parts.open, device, {
      message: (message) => this.receive(message),
      unreadable: (error) => this.trouble(`A message from the server could not be read (${String(error)}).`),
      lost: () => this.queue.disconnected(),
      askRest: () => void this.carrier.resume(),
      changed: () => this.update(),
    });
    rest.patience = {
      timeoutMs: () => patienceMs(this.closing_at, device.local(), TIMEOUT_MS),
      againMs: (after_ms) => retryCapMs(this.closing_at, device.local(), after_ms),
    };
    this.carrier = new RestCarrier(attempt_id, rest, this.arrival, device, this.link, {
      take: () => this.queue.take(device.local()),
      suspects: () => this.queue.suspects(),
      resumed: (reply) => this.resumed(reply),
      outcome: (outcome) => this.outcome(outcome),
      stated: (state) => this.stated(state),
      offered: (offer) => this.offered(offer),
      told: (message) => this.mailbox.receive(message),
      lost: () => this.queue.disconnected(),
      pump: () => this.pump(),
      changed: () => this.update(),
    });
    this.timekeeper = new Timekeeper(device, this.link, this.carrier, this.queue, {
      warn: (warning) => this.apply({ ...warning, type: "warning" }),
      pump: () => this.pump(),
    });
    this.fetcher = new Fetcher(attempt_id, rest, device, {
      paper: (fetched) => {
        this.way_back.paper(fetched);
        this.apply({ type: "paper", paper: fetched });
        if (this.model.state !== null) this.fetcher.want(this.model.state, fetched);
      },
      result: (result) => this.apply({ type: "result", result }),
      note: (note) => this.apply({ type: "result_note", note }),
    });
  }

  /** Reads what the device kept, and connects. `wanted`: a person asks for the attempt here, wherever else it is open. */
  async open(wanted: boolean): Promise<void> {
    if (wanted) this.arrival.takeOver();
    const { refused, acknowledged } = await this.keeper.open();
    this.answers.restore(refused);
    if (acknowledged.seen.seq !== null) this.arrival.saw(acknowledged.seen.seq);
    this.apply({ type: "remembered", answers: acknowledged.saved });
    this.mailbox.restore(this.queue.bodies());
    if (!this.stopped) this.link.dispatch({ type: "start" });
  }

  /** Another tab has taken over, or the page goes: nothing is sent or written any more. */
  stop(): void {
    this.stopped = true;
    this.timekeeper.stop();
    this.keeper.stop();
    this.carrier.stop();
    this.link.close();
  }

  /** The server's time. */
  now(): number {
    return this.link.now();
  }

  // ── what the candidate does ─────────────────────────────────────────────────────────────────────────────────

  /** `access_code`: what she typed, where the test asks for a code. */
  start(access_code: string | null): void {
    this.apply({ type: "starting" });
    this.operate({ t: "start", access_code, client_at_ms: this.parts.device.wall() });
  }

  /** `typed`: more may follow at once, so it waits for a rest. */
  edit(question_id: string, value: Value, typed: boolean): void {
    if (this.isOpen(question_id)) this.answers.edit(question_id, value, typed);
  }

  flag(question_id: string, flagged: boolean): void {
    if (!this.writable()) return;
    this.apply({ type: "flagged", question_id, flagged });
    this.operate({ t: "flag", question_id, flagged, client_at_ms: this.parts.device.wall() });
  }

  /** What may be asked for until the end, also before the start and while the clock stands. `expected`: what the state will say. */
  ask(body: PlainBody, expected: Partial<AttemptState>): void {
    if (this.model.state === null || hasEnded(this.model.state.status)) return;
    this.apply({ type: "expected", state: expected });
    this.operate({ ...body, client_at_ms: this.parts.device.wall() });
  }

  goTo(index: number): void {
    const { paper, state, question_total } = this.model;
    if (index < 0 || index >= question_total || index === this.model.index || !isOpenAt(paper, state, index)) return;
    const { device } = this.parts;
    this.queue.flush();
    this.apply({ type: "went", index });
    if (this.writable()) this.queue.goTo(index, device.wall(), device.local());
    this.pump();
  }

  /** Enters the next section. The one before closes for good, so what was answered in it leaves first. */
  enter(section_id: string): void {
    if (!this.writable() || this.model.entering !== null) return;
    this.queue.flush();
    this.apply({ type: "entering", section_id });
    this.operate({ t: "enter", section_id, client_at_ms: this.parts.device.wall() });
  }

  /** The field was left, or the page is about to be hidden: don't wait for more keys. */
  flush(): void {
    this.queue.flush();
    this.pump();
  }

  /** The page may be gone in an instant: what is not settled is kept without waiting for anything. */
  leave(): void {
    this.flush();
    this.keeper.leave();
    this.way_back.again();
  }

  /** The page is still there after all. */
  stay(): void {
    this.keeper.stay();
  }

  /**
   * The browser keeps the page for the way back to it, and may wake it much later. Until `thaw` it sends and writes nothing:
   * another page of this browser may have the attempt meanwhile. A page in the middle of a transaction is not kept, so none is
   * begun here.
   */
  freeze(): void {
    this.flush();
    this.keeper.leave();
    this.frozen = true;
    this.keeper.freeze();
    this.way_back.freeze();
    this.timekeeper.stop();
    this.link.close();
  }

  /** The page is shown again, and no other page of this browser has had the attempt. */
  thaw(): void {
    if (!this.frozen) return;
    this.frozen = false;
    this.keeper.thaw();
    this.way_back.thaw();
    this.link.dispatch({ type: "closed", code: LOST, detail: "" });
    this.nudge();
  }

  /** `decided`: she knows that another device has answered differently, and hands in all the same. */
  handIn(decided: boolean): void {
    if (this.answers.has_conflict && !decided) {
      this.apply({ type: "hand_in_conflict" });
      return;
    }
    this.apply({ type: "handing_in" });
    this.answers.recordBoth();
    this.queue.flush();
    this.operate({ t: "submit", client_at_ms: this.parts.device.wall() });
  }

  dismissMessage(message_id: string): void {
    this.mailbox.dismiss(message_id);
  }

  dismiss(what: Dismissible): void {
    this.apply({ type: "dismissed", what });
  }

  /** After a refusal: send this device's answer under a new number. */
  useMine(question_id: string): void {
    if (this.isOpen(question_id)) this.answers.useMine(question_id);
  }

  /** After a refusal: show what the server holds. */
  useTheirs(question_id: string): void {
    this.answers.useTheirs(question_id);
  }

  /** The attempt is over, and the candidate has seen which answers were not saved. */
  discardRefused(): void {
    this.answers.discard();
    this.written();
  }

  /** A person wants the attempt here, wherever else it is open. */
  useHere(): void {
    this.arrival.takeOver();
    this.link.dispatch({ type: "reconnect" });
  }

  /** A person asks for it. */
  reconnect(): void {
    this.link.dispatch({ type: "reconnect" });
  }

  /** The browser says that the network is back, or the page has come back. */
  nudge(): void {
    if (!this.frozen) this.link.dispatch({ type: "nudge" });
  }

  /** The browser says that there is no network. */
  offline(): void {
    if (!this.frozen) this.link.dispatch({ type: "offline" });
  }

  // ── what the server says ────────────────────────────────────────────────────────────────────────────────────

  private receive(message: ToCandidate): void {
    switch (message.t) {
      case "welcome":
        this.resumed(message);
        this.link.welcomed(message);
        break;
      case "ack":
        this.saw(message.seq);
        this.settled(this.queue.ack(message.n), message.committed_at_ms);
        break;
      case "refused":
        if (message.n === null) this.trouble(message.detail);
        else this.refusedBy(message.n, message.code, message.detail, message.retry as Retry);
        break;
      case "state":
        this.stated(message.state);
        break;
      case "offer":
        this.offered(message);
        break;
      case "warning":
        this.timekeeper.warnings.pushed(message);
        this.apply({ ...message, type: "warning" });
        break;
      case "staff_message":
        this.mailbox.receive(message);
        break;
      case "token_expiring":
        // A page can't get a fresh token by itself: it came with its link. Once started, an attempt outlives its token.
        this.apply({ type: "token_expiring", expires_at_ms: message.expires_at_ms });
        break;
      case "echo":
      case "goodbye":
      case "renewed":
        break;
    }
    this.pump();
  }

  private resumed(reply: Welcome | ResumeReply): void {
    this.welcoming = true;
    try {
      this.readWelcome(reply);
    } finally {
      this.welcoming = false;
    }
  }

  private readWelcome(reply: Welcome | ResumeReply): void {
    const before = this.model;
    const { last_accepted } = this.queue;
    const is_older = this.arrival.isOlder(reply.state.seq) || reply.last_n < last_accepted || goesBack(before, reply.answers);
    const overtaken = this.queue.outdated(reply.answers, is_older ? before.held : null);
    this.held_flags = new Set(reply.flagged);
    this.queue.connected(reply.last_n);
    overtaken.forEach((body) => this.answers.overtaken(body, reply.answers));
    this.way_back.told(reply.title, reply.candidate_name, this.parts.identity.device);
    this.arrival.welcomed(reply.state.seq);
    this.keeper.welcomed(reply.state.seq, reply.answers);
    if (is_older) {
      const count = this.answers.forgotten(before, reply.answers);
      this.apply({ type: "restored", count });
    }
    this.timekeeper.warnings.rules(reply.warnings_ms);
    this.apply({ ...reply, type: "welcome", pending: this.pending(), refused: this.answers.all() });
    if (this.answers.has_conflict && this.queue.forget("submit")) this.apply({ type: "hand_in_conflict" });
    reply.unseen.forEach((message) => this.mailbox.receive(message));
    this.stated(reply.state, reply.now_ms);
    if (this.writable()) this.answers.tryAgain();
    if (reply.warning !== null && this.timekeeper.warnings.pushed(reply.warning)) this.apply({ ...reply.warning, type: "warning" });
  }

  private saw(seq: number): void {
    this.arrival.saw(seq);
    this.keeper.saw(seq);
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
    return { answers, kept: this.queue.keptAnswers(), flags, index };
  }

  private stated(state: AttemptState, now = this.now()): void {
    this.saw(state.seq);
    this.queue.status(state.status);
    this.apply({ type: "state", state });
    // What the model believes, which an older state does not change.
    const known = this.model.state ?? state;
    this.timekeeper.state(known, now);
    this.answers.reopened(known, now);
    this.fetcher.want(known, this.model.paper);
    this.keeper.over(hasEnded(known.status));
    this.way_back.state(known, this.keeper.keep());
  }

  private offered(offer: Offered): void {
    this.timekeeper.warnings.rules(offer.warnings_ms);
    this.apply({ ...offer, type: "offer" });
  }

  private settled(operations: readonly Operation[], at_ms: number): void {
    this.answers.settled(operations, at_ms);
    for (const operation of operations) {
      if (operation.t !== "flag") continue;
      if (operation.flagged) this.held_flags.add(operation.question_id);
      else this.held_flags.delete(operation.question_id);
    }
    if (operations.length > 0) this.written();
  }

  private refusedBy(n: number, code: string, detail: string, retry: Retry): void {
    const { device } = this.parts;
    const refusal = this.queue.refuse(n, code, retry, device.local(), device.random(), this.closing_at);
    if (refusal === null) return;
    if (refusal.fate === "resync") this.link.dispatch({ type: "reconnect" });
    if (refusal.fate === "refused") this.tellRefused(refusal.body, code, detail);
    if (this.answers.has_conflict && this.queue.forget("submit")) this.apply({ type: "hand_in_conflict" });
    this.written();
  }

  private tellRefused(body: OperationBody, code: string, detail: string): void {
    // The page shows a flag before the server has it.
    if (body.t === "flag" && !this.queue.bodies().some((later) => subject(later) === subject(body))) {
      this.apply({ type: "flagged", question_id: body.question_id, flagged: this.held_flags.has(body.question_id) });
    }
    if (body.t === "answer") this.answers.refusedBy(body.question_id, body.value, code, detail);
    else if (body.t === "start") this.apply({ type: "start_refused", detail });
    else if (body.t === "enter") this.apply({ type: "enter_refused", detail });
    else if (body.t === "submit") this.apply({ type: "hand_in_refused", detail });
    else if (!isTold(body)) console.warn(`${body.t} refused: ${code}`);
    else if (!hasEnded(this.model.state?.status)) this.trouble(detail);
  }

  /** Something was settled: the device need not keep it any longer, and after the end nothing else either. */
  private written(): void {
    const kept = this.keeper.keep();
    if (this.model.state !== null && hasEnded(this.model.state.status)) this.way_back.state(this.model.state, kept);
  }

  // ── sending ─────────────────────────────────────────────────────────────────────────────────────────────────

  private operate(body: OperationBody, pace?: Pace, apart?: boolean): void {
    this.queue.add(body, this.parts.device.local(), pace, apart);
    this.pump();
    void this.keeper.keep();
  }

  private pump(): void {
    if (this.stopped || this.frozen || this.welcoming) return;
    if (this.link.live) for (const operation of this.queue.take(this.parts.device.local())) this.link.send(operation);
    else void this.carrier.pump();
    this.update();
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

  /** The local time at which the server stops accepting. */
  private get closing_at(): number | null {
    return this.link.state.closing_at;
  }

  private writable(): boolean {
    const { state } = this.model;
    return !this.stopped && state?.status === "in_progress" && !(isLocked(state, this.now()) && this.knows_clock);
  }

  /** Whether this question can be answered now. */
  private isOpen(question_id: string): boolean {
    const { state, entering } = this.model;
    const shut = this.knows_clock ? shutBy(state, question_id, this.now()) : null;
    return this.writable() && entering === null && shut === null;
  }

  private get knows_clock(): boolean {
    const connection = shown(this.link.state);
    return knowsClock(this.model, connection === "live" || connection === "rest");
  }

  private trouble(detail: string): void {
    this.apply({ type: "trouble", detail });
  }

  private apply(event: CandidateEvent): void {
    this.model = reduce(this.model, event);
    this.update();
  }

  /** The link was opened on this very device, in another tab: this one may come as what that one was. False: it was not. */
  private comesAsBefore(): boolean {
    const { identity, device } = this.parts;
    const { phase } = this.link.state;
    const known = this.way_back.device;
    if (phase.name !== "ended" || remedy(phase.end) !== "ask_staff") return false;
    if (known === undefined || known === identity.device) return false;
    identity.become(known);
    device.after(0, () => this.link.dispatch({ type: "reconnect" }));
    return true;
  }

  private update(): void {
    if (this.stopped || this.frozen || this.comesAsBefore()) return;
    const { model, queue, keeper, knows_clock } = this;
    this.changed({ model, connection: this.link.state, unsettled: queue.size, durable: keeper.durable, knows_clock });
    this.timekeeper.schedule();
  }
}
