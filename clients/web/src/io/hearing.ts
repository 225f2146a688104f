/** What the server says of one attempt, over the socket or over REST, and where each word of it belongs. */

import { hasEnded, type Offered, type Pending } from "../core/candidate";
import { isTold, positionOf, type OperationBody } from "../core/operation";
import type { Position } from "../core/position";
import type { Queue } from "../core/queue";
import { ABOUT_THE_CONNECTION } from "../core/remedy";
import type { Told } from "../core/told";
import type { Retry } from "../generated/codes";
import type { AttemptState, Operation, ToCandidate, Value, Welcome } from "../generated/messages";
import type { ResumeReply } from "../generated/rest";
import type { Answers } from "./answers";
import type { Arrival } from "./arrival";
import type { Belief } from "./belief";
import type { Device } from "./device";
import type { Fetcher } from "./fetcher";
import { Flags } from "./flags";
import type { Identity } from "./identity";
import type { Keeper } from "./keeper";
import type { Late } from "./late";
import type { Link } from "./link";
import type { Mailbox } from "./mailbox";
import type { Outcome } from "./rest-sender";
import type { Timekeeper } from "./timekeeper";
import type { WayBack } from "./way-back";

/** Who gets what was said. */
export interface Hearers {
  belief: Belief;
  queue: Queue;
  keeper: Keeper;
  answers: Answers;
  mailbox: Mailbox;
  way_back: WayBack;
  arrival: Arrival;
  link: Link<ToCandidate>;
  timekeeper: Timekeeper;
  fetcher: Fetcher;
  late: Late;
  device: Device;
  identity: Identity;
}

export class Hearing {
  /** A welcome is being read: the connection that it came on is not in force yet, and nothing may leave on the one before. */
  welcoming = false;
  private readonly flags = new Flags();

  constructor(private readonly to: Hearers) {}

  receive(message: ToCandidate): void {
    const { belief, queue, link, timekeeper, mailbox } = this.to;
    switch (message.t) {
      case "welcome":
        this.resumed(message);
        link.welcomed(message);
        break;
      case "ack":
        this.saw(message);
        this.settled(queue.ack(message.n), message.committed_at_ms);
        break;
      case "refused":
        if (message.n === null) this.troubled(message.code, message.detail);
        else this.refusedBy(message.n, message.code, message.detail, message.retry as Retry);
        break;
      case "state":
        this.stated(message.state);
        break;
      case "offer":
        this.offered(message);
        break;
      case "warning":
        timekeeper.warnings.pushed(message);
        belief.apply({ ...message, type: "warning" });
        break;
      case "staff_message":
        mailbox.receive(message);
        break;
      case "token_expiring":
        // A page can't get a fresh token by itself: it came with its link. Once started, an attempt outlives its token.
        belief.apply({ type: "token_expiring", expires_at_ms: message.expires_at_ms });
        break;
      case "echo":
      case "goodbye":
      case "renewed":
        break;
    }
  }

  resumed(reply: Welcome | ResumeReply): void {
    this.welcoming = true;
    try {
      this.readWelcome(reply);
    } finally {
      this.welcoming = false;
    }
  }

  /** Nothing is said: this is what an earlier page of this device was told last. */
  recalled(told: Told): void {
    const { belief, queue, answers, timekeeper, link } = this.to;
    this.flags.welcomed([...told.flagged]);
    queue.status(told.state.status);
    timekeeper.warnings.rules(told.offer.warnings_ms);
    belief.apply({ type: "recalled", told, pending: pendingIn(queue), refused: answers.all() });
    timekeeper.state(told.state, link.now());
  }

  stated(state: AttemptState, now = this.to.link.now()): void {
    const { belief, queue, keeper, answers, way_back, timekeeper, fetcher, late } = this.to;
    this.saw(state);
    queue.status(state.status);
    belief.apply({ type: "state", state });
    // What the model believes, which an older state does not change.
    const known = belief.model.state ?? state;
    timekeeper.state(known, now);
    answers.reopened(known, now);
    fetcher.want(known, belief.model.paper);
    late.want(known);
    keeper.over(hasEnded(known.status));
    way_back.state(known, keeper.keep());
  }

  offered(offer: Offered): void {
    const { belief, timekeeper } = this.to;
    timekeeper.warnings.rules(offer.warnings_ms);
    belief.apply({ ...offer, type: "offer" });
  }

  /** What became of a call over REST. */
  outcome({ acked, done, refused, at_ms, reply }: Outcome): void {
    const { queue } = this.to;
    // Refusals first, as a socket tells them: an ack after them then shows what it has overtaken.
    for (const { n, code, detail, retry } of refused) {
      if (n === null) this.troubled(code, detail);
      else this.refusedBy(n, code, detail, retry as Retry);
    }
    if (done !== null) queue.ackKind(done);
    this.settled(queue.ackExactly(acked), at_ms);
    if (reply !== null) this.stated(reply.state);
  }

  /** Something was settled: the device need not keep it any longer, and after the end nothing else either. */
  written(): void {
    const { belief, keeper, way_back, late } = this.to;
    const kept = keeper.keep();
    const { state } = belief.model;
    if (state !== null && hasEnded(state.status)) {
      way_back.state(state, kept);
      late.want(state);
    }
  }

  private readWelcome(reply: Welcome | ResumeReply): void {
    const { belief, queue, keeper, answers, mailbox, way_back, arrival, timekeeper, identity } = this.to;
    const before = belief.model;
    const restored = arrival.welcomed(reply);
    const overtaken = queue.outdated(reply.answers, restored ? before.held : null);
    this.flags.welcomed(reply.flagged);
    queue.connected(reply.last_n);
    overtaken.forEach((body) => answers.overtaken(body, reply.answers));
    way_back.told(reply.title, reply.candidate_name, identity.device);
    keeper.welcomed(reply.state, reply.answers);
    if (restored) {
      const count = answers.forgotten(before, reply.answers);
      belief.apply({ type: "restored", count });
    }
    timekeeper.warnings.rules(reply.warnings_ms);
    belief.apply({ ...reply, type: "welcome", pending: pendingIn(queue), refused: answers.all() });
    this.keepConflict();
    reply.unseen.forEach((message) => mailbox.receive(message));
    this.stated(reply.state, reply.now_ms);
    if (belief.writable) answers.tryAgain();
    if (reply.warning !== null && timekeeper.warnings.pushed(reply.warning)) belief.apply({ ...reply.warning, type: "warning" });
  }

  private saw(position: Position): void {
    this.to.arrival.saw(position);
    this.to.keeper.saw(position);
  }

  private settled(operations: readonly Operation[], at_ms: number): void {
    this.to.answers.settled(operations, at_ms);
    this.flags.settled(operations);
    if (operations.length > 0) this.written();
  }

  private refusedBy(n: number, code: string, detail: string, retry: Retry): void {
    const { queue, link, device } = this.to;
    const refusal = queue.refuse(n, code, retry, device.local(), device.random(), link.state.closing_at);
    if (refusal === null) return;
    if (refusal.fate === "resync") link.dispatch({ type: "reconnect" });
    if (refusal.fate === "refused") this.tellRefused(refusal.body, code, detail);
    this.keepConflict();
    this.written();
  }

  private troubled(code: string, detail: string): void {
    // It would still be said when she has opened the attempt here again.
    if (!ABOUT_THE_CONNECTION.has(code)) this.to.belief.trouble({ code, detail });
  }

  private tellRefused(body: OperationBody, code: string, detail: string): void {
    const { belief, queue, answers } = this.to;
    // What she asked for was shown as if the server had said so.
    if (isTold(body)) belief.apply({ type: "unexpected" });
    if (body.t === "flag") {
      const shown = this.flags.refused(body, queue.bodies());
      if (shown !== null) belief.apply({ type: "flagged", ...shown });
    }
    if (body.t === "answer") answers.refusedBy(body.question_id, body.value, code, detail, body.client_at_ms);
    else if (body.t === "start") belief.apply({ type: "start_refused", why: { code, detail } });
    else if (body.t === "enter") belief.apply({ type: "enter_refused", why: { code, detail } });
    else if (body.t === "submit") belief.apply({ type: "hand_in_refused", why: { code, detail } });
    else if (!isTold(body)) console.warn(`${body.t} refused: ${code}`);
    else if (!hasEnded(belief.model.state?.status)) belief.trouble({ code, detail });
  }

  /** Another device has answered differently: she decides before she hands in. */
  private keepConflict(): void {
    const { belief, queue, answers } = this.to;
    if (answers.has_conflict && queue.forget("submit")) belief.apply({ type: "hand_in_conflict" });
  }
}

/** What the page shows although the server has not acknowledged it yet. */
function pendingIn(queue: Queue): Pending {
  const answers: Record<string, Value> = {};
  const flags: Record<string, boolean> = {};
  let index: number | null = null;
  for (const body of queue.bodies()) {
    if (body.t === "answer") answers[body.question_id] = body.value;
    if (body.t === "flag") flags[body.question_id] = body.flagged;
    index = positionOf(body) ?? index;
  }
  return { answers, kept: queue.entries.keptAnswers(), flags, index };
}
