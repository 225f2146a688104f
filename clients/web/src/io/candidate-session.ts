/**
 * One candidate's attempt on this page: joins the queue, the connection, the device's store and the model, and does what the
 * candidate asks for. What is decided is decided in `core/`; what the server says goes through `hearing.ts`.
 */

import { hasEnded, offered, type Candidate, type CandidateEvent, type Dismissible } from "../core/candidate";
import type { ConnectionState } from "../core/connection-state";
import { subject, type OperationBody, type Pace, type PlainBody } from "../core/operation";
import { Queue } from "../core/queue";
import { remedy } from "../core/remedy";
import { toldIn, type Told } from "../core/told";
import { patienceMs, retryCapMs } from "../core/urgency";
import type { AttemptState, ToCandidate, Value } from "../generated/messages";
import type { AnswerFileKey, Confirmation, FileHandedIn, LateBody, Result } from "../generated/rest";
import { Answers } from "./answers";
import { Arrival } from "./arrival";
import { Belief } from "./belief";
import type { Device } from "./device";
import { Fetcher } from "./fetcher";
import { Hearing } from "./hearing";
import type { Identity } from "./identity";
import { Keeper } from "./keeper";
import type { LastWords } from "./last-words";
import { Late } from "./late";
import { Link } from "./link";
import { Mailbox } from "./mailbox";
import { TIMEOUT_MS, type BoardOfAttempt, type Rest } from "./rest";
import { RestCarrier } from "./rest-carrier";
import { LOST, type OpenSocket } from "./socket";
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
  /** How long the server takes to answer; null: none was measured. */
  round_trip_ms: number | null;
  /** Since when the page has no connection, in the server's time; null: it has one, or has had none yet. */
  silent_since: number | null;
}

/** A server that has not answered a page by then is not waited for, where an earlier page has left what to go on from. */
const RECALL_AFTER_MS = 3_000;

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
  private readonly belief: Belief;
  private readonly queue = new Queue();
  private readonly keeper: Keeper;
  private readonly answers: Answers;
  private readonly mailbox: Mailbox;
  private readonly way_back: WayBack;
  private readonly arrival: Arrival;
  private readonly link: Link<ToCandidate>;
  /** Whether the connection that the page has, or had last, is a socket; null: it has had none. */
  private was_live: boolean | null = null;
  /** Since when there is none, in local time. */
  private silent_at: number | null = null;
  private readonly carrier: RestCarrier;
  private readonly fetcher: Fetcher;
  private readonly timekeeper: Timekeeper;
  private readonly hearing: Hearing;
  /** Asks for the result, which the link may show when it opens nothing else. */
  readonly result: () => Promise<Result>;
  /** Files go over REST alone; the answer that names one goes like all others. */
  readonly sendFile: (question_id: string, response_id: string, file: Blob) => Promise<FileHandedIn>;
  readonly files: () => Promise<readonly FileHandedIn[]>;
  /** Sends a picture from her camera or of her screen, once. */
  readonly sendPicture: (source: string, picture: Blob) => Promise<unknown>;
  /** The key for answers that are saved in a file. */
  readonly answerFileKey: () => Promise<AnswerFileKey>;
  readonly confirmation: () => Promise<Confirmation>;
  readonly board: BoardOfAttempt;
  /** What an earlier page of this device knew; null: nothing, or it is not needed any more. */
  private recallable: Told | null = null;
  private stopped = false;
  private frozen = false;

  constructor(
    record: AttemptRecord,
    private readonly parts: Parts,
    private readonly changed: (view: CandidateView) => void,
  ) {
    const { attempt_id } = record;
    const { rest, store, device, last_words, identity } = parts;
    this.result = () => rest.result(attempt_id);
    this.sendFile = (question_id, response_id, file) => rest.handIn(attempt_id, question_id, response_id, file);
    this.sendPicture = (source, picture) => rest.keepCapturedPicture(attempt_id, source, picture);
    this.answerFileKey = () => rest.answerFileKey(attempt_id);
    this.confirmation = () => rest.confirmation(attempt_id);
    this.board = rest.board(attempt_id);
    this.files = async () => (await rest.files(attempt_id)).files;
    const apply = (event: CandidateEvent): void => this.apply(event);
    const operate = (body: OperationBody, pace?: Pace, apart?: boolean): void => this.operate(body, pace, apart);
    this.belief = new Belief(record, () => this.link, () => this.update());
    this.way_back = new WayBack(record, store, parts.tab);
    this.keeper = new Keeper(store, last_words, attempt_id, this.queue, device, {
      changed: () => this.apply({ type: "kept", question_ids: this.queue.entries.keptAnswers() }),
      lost: () => this.way_back.again(),
      told: () => this.told(),
    });
    this.answers = new Answers(this.queue, this.keeper, device, { model: () => this.model, apply, operate });
    this.mailbox = new Mailbox(() => device.wall(), apply, operate);
    const path = `/ws/attempts/${encodeURIComponent(attempt_id)}`;
    this.arrival = new Arrival(record.token, parts.identity, () => device.local());
    this.link = new Link(path, this.arrival, true, parts.open, device, {
      message: (message) => {
        this.hearing.receive(message);
        this.pump();
      },
      unreadable: (error) => this.belief.trouble({ code: "unreadable", detail: `A message from the server could not be read (${String(error)}).` }),
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
      resumed: (reply) => this.hearing.resumed(reply),
      outcome: (outcome) => this.hearing.outcome(outcome),
      stated: (state) => this.hearing.stated(state),
      offered: (offer) => this.hearing.offered(offer),
      told: (message) => this.mailbox.receive(message),
      lost: () => this.queue.disconnected(),
      pump: () => this.pump(),
      changed: () => this.update(),
    });
    this.timekeeper = new Timekeeper(device, this.link, this.carrier, this.queue, {
      warn: (warning) => this.apply({ ...warning, type: "warning" }),
      pump: () => this.pump(),
    });
    this.fetcher = new Fetcher(attempt_id, rest, device, () => this.link.now(), {
      paper: (fetched) => {
        this.way_back.paper(fetched);
        this.apply({ type: "paper", paper: fetched });
        // With its paper a started attempt can be gone on with without a network.
        void this.keeper.keep();
        if (this.model.state !== null) this.fetcher.want(this.model.state, fetched);
      },
      result: (result) => this.apply({ type: "result", result }),
      note: ({ code, detail }) => this.apply({ type: "result_note", why: { code, detail } }),
    });
    const { belief, queue, keeper, answers, mailbox, way_back, arrival, link, timekeeper, fetcher } = this;
    const known = { belief, queue, keeper, answers, mailbox, way_back };
    const late = new Late(attempt_id, rest, device, {
      left: () => (this.stopped || this.frozen ? [] : answers.late),
      device: () => identity.device,
      handed: (drafts, state) => {
        answers.handedLate(drafts);
        this.hearing.stated(state);
      },
    });
    this.hearing = new Hearing({ ...known, late, arrival, link, timekeeper, fetcher, device, identity });
  }

  /** Reads what the device kept, and connects. `wanted`: a person asks for the attempt here, wherever else it is open. */
  async open(wanted: boolean): Promise<void> {
    if (wanted) this.arrival.takeOver();
    const { refused, acknowledged } = await this.keeper.open();
    this.answers.restore(refused);
    if (acknowledged.seen !== null) this.arrival.saw(acknowledged.seen);
    this.apply({ type: "remembered", answers: acknowledged.saved });
    this.mailbox.restore(this.queue.bodies());
    this.recallable = acknowledged.told;
    if (this.stopped) return;
    this.parts.device.after(RECALL_AFTER_MS, () => this.recall());
    this.link.dispatch({ type: "start" });
  }

  /** The server can't be reached, or keeps her waiting: the page goes on from what an earlier one knew. */
  private recall(): void {
    const { recallable: told, parts, link } = this;
    if (told === null || this.stopped || this.model.state !== null || this.model.paper === null || link.state.phase.name === "ended") return;
    this.recallable = null;
    link.clock.recall(told.ahead_ms + parts.device.wall() - parts.device.local());
    this.silent_at = link.clock.localAt(told.heard_at_ms);
    this.hearing.recalled(told);
  }

  private told(): Told | null {
    const { link, model, parts } = this;
    const heard_at = link.heard_at === 0 ? (this.silent_at ?? parts.device.local()) : link.heard_at;
    return toldIn(model, offered(model), link.now() - parts.device.wall(), link.clock.now(heard_at));
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
    if (!this.writable) return;
    this.apply({ type: "flagged", question_id, flagged });
    this.operate({ t: "flag", question_id, flagged, client_at_ms: this.parts.device.wall() });
  }

  /** What may be asked for until the end, also before the start and while the clock stands. `expected`: what the state will say. */
  ask(body: PlainBody, expected: Partial<AttemptState>): void {
    if (this.model.state === null || hasEnded(this.model.state.status)) return;
    this.apply({ type: "expected", state: expected });
    this.operate({ ...body, client_at_ms: this.parts.device.wall() });
  }

  /** Whether something about the same is not settled. */
  isUnderWay(body: OperationBody): boolean {
    const about = subject(body);
    return this.queue.entries.all.some((entry) => subject(entry.body) === about);
  }

  goTo(index: number): void {
    if (!this.belief.leadsTo(index)) return;
    const { device } = this.parts;
    this.queue.flush();
    this.apply({ type: "went", index });
    if (this.writable) this.queue.goTo(index, device.wall(), device.local());
    this.pump();
  }

  /** Enters the next section. The one before closes for good, so what was answered in it leaves first. */
  enter(section_id: string): void {
    if (!this.writable || this.model.entering !== null) return;
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
    this.hearing.written();
  }

  /** What the server does not have of this device, for a file that somebody carries to it. */
  unsent(): LateBody & { server_now_ms: number } {
    const { device, identity } = this.parts;
    const answers = this.queue.entries.all.flatMap(({ body, base }) =>
      body.t === "answer" ? [{ question_id: body.question_id, value: body.value, client_at_ms: body.client_at_ms, base }] : [],
    );
    const newest = new Map(answers.map((answer) => [answer.question_id, answer]));
    return { device: identity.device, client_now_ms: device.wall(), server_now_ms: Math.round(this.link.now()), answers: [...newest.values()] };
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

  // ── sending ─────────────────────────────────────────────────────────────────────────────────────────────────

  private operate(body: OperationBody, pace?: Pace, apart?: boolean): void {
    this.queue.add(body, this.parts.device.local(), pace, apart);
    this.pump();
    void this.keeper.keep();
  }

  private pump(): void {
    if (this.stopped || this.frozen || this.hearing.welcoming) return;
    if (this.link.live) for (const operation of this.queue.take(this.parts.device.local())) this.link.send(operation);
    else void this.carrier.pump();
    this.update();
  }

  // ── bookkeeping ─────────────────────────────────────────────────────────────────────────────────────────────

  /** The local time at which the server stops accepting. */
  private get closing_at(): number | null {
    return this.link.state.closing_at;
  }

  private get model(): Candidate {
    return this.belief.model;
  }

  private get writable(): boolean {
    return !this.stopped && this.belief.writable;
  }

  private isOpen(question_id: string): boolean {
    return !this.stopped && this.belief.isOpen(question_id);
  }

  private apply(event: CandidateEvent): void {
    this.belief.apply(event);
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

  /** The server counts from when it last heard of this page, so the page counts from when it last heard of the server. */
  private silentSince(): number | null {
    const { link } = this;
    if (this.belief.connected) {
      this.was_live = link.live;
      this.silent_at = null;
    } else if (this.was_live !== null) {
      this.silent_at ??= this.was_live ? link.heard_at : this.parts.device.local();
    }
    return this.silent_at === null ? null : link.clock.now(this.silent_at);
  }

  private update(): void {
    if (this.stopped || this.frozen || this.comesAsBefore()) return;
    if (this.link.state.phase.name === "waiting") this.recall();
    const { model, queue, keeper } = this;
    const { knows_clock } = this.belief;
    const { state: connection } = this.link;
    const { round_trip_ms } = this.link.clock;
    this.changed({ model, connection, unsettled: queue.size, durable: keeper.durable, knows_clock, round_trip_ms, silent_since: this.silentSince() });
    this.timekeeper.schedule();
  }
}
