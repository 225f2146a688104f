/**
 * The answers of this page, between the candidate and the server: edited, saved, refused, and sent again when what stood in
 * their way has gone. No answer is lost by another device, by an end that was taken back, or by a server that has forgotten.
 */

import { isConflict, isLocked, LATE, type Candidate, type CandidateEvent, type Refused } from "../core/candidate";
import type { OperationBody, Pace } from "../core/operation";
import { overLength, sendable, textLength } from "../core/parts";
import type { Queue } from "../core/queue";
import type { AttemptState, Operation, SavedAnswer, Value } from "../generated/messages";
import type { Device } from "./device";
import type { Keeper } from "./keeper";

/**
 * Typed text goes out after a short rest of the fingers, and in any case soon: whatever ends the test, no more than the last
 * words are on this side. A long text is sent whole each time, so it waits a little longer for its rest.
 */
const TYPING: Pace = { quiet_ms: 400, most_ms: 1_500 };
const LONG: Pace = { quiet_ms: 1_000, most_ms: 2_000 };
const LONG_CHARS = 2_000;
const AT_ONCE: Pace = { quiet_ms: 0, most_ms: 0 };

/** Refusals because of an end that staff can take back: one for each way to end. */
const ENDED: ReadonlySet<string> = new Set(["deadline_passed", "already_submitted", "cancelled", "absent", "abandoned", LATE]);

export interface AnswersHandlers {
  model(): Candidate;
  apply(event: CandidateEvent): void;
  /** Puts an operation on its way. */
  operate(body: OperationBody, pace?: Pace, apart?: boolean): void;
}

function same(one: Value | undefined, other: Value | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

export class Answers {
  private readonly refused = new Map<string, Refused>();
  /** Up to which record the attempt was known when an answer was refused because of its end. */
  private readonly refused_at = new Map<string, number>();

  constructor(
    private readonly queue: Queue,
    private readonly keeper: Keeper,
    private readonly device: Pick<Device, "wall">,
    private readonly handlers: AnswersHandlers,
  ) {}

  /** What an earlier page left. */
  restore(refused: readonly Refused[]): void {
    for (const draft of refused) this.refused.set(draft.question_id, draft);
  }

  all(): Refused[] {
    return [...this.refused.values()];
  }

  get has_conflict(): boolean {
    return this.all().some(isConflict);
  }

  edit(question_id: string, value: Value, typed: boolean): void {
    this.forget(question_id);
    this.handlers.apply({ type: "edited", question_id, value });
    const over = this.overLength(question_id, value);
    if (over > 0) {
      // All of it stays in its field; the server would refuse it.
      this.refuse({ question_id, value, code: "answer_too_long", detail: "", base: this.queue.last_accepted });
      return;
    }
    this.send(question_id, value, typed ? (textLength(value) > LONG_CHARS ? LONG : TYPING) : AT_ONCE);
  }

  /** Operations that the server has acknowledged. */
  settled(operations: readonly Operation[], at_ms: number): void {
    for (const operation of operations) {
      if (operation.t !== "answer") continue;
      const { question_id, value, n } = operation;
      const newer = this.queue.answerOf(question_id) !== null || this.refused.has(question_id);
      if (n <= this.queue.welcomed && this.handlers.model().held[question_id]?.n !== n) {
        // The welcome knew it already and names another answer, or none: it was overtaken or taken back, perhaps elsewhere.
        if (!newer) this.handlers.apply({ type: "forgot", question_id });
        continue;
      }
      this.keeper.acknowledged({ question_id, value, n, saved_at_ms: at_ms });
      this.handlers.apply({ type: "saved", question_id, value, n, at_ms, newer });
    }
  }

  /** The server has refused an answer for good. */
  refusedBy(question_id: string, value: Value, code: string, detail: string, at_ms: number): void {
    if (this.queue.answerOf(question_id) !== null) return;
    this.refused_at.set(question_id, this.handlers.model().state?.seq ?? 0);
    this.refuse({ question_id, value, code, detail, base: this.queue.last_accepted, at_ms });
  }

  /** What only the end has kept from the server, once nothing is on its way any more. */
  get late(): Refused[] {
    const waits = this.queue.bodies().some(({ t }) => t === "answer");
    return waits ? [] : this.all().filter((draft) => draft.code !== LATE && draft.at_ms !== undefined && (ENDED.has(draft.code) || isConflict(draft)));
  }

  /** The server has these as evidence. */
  handedLate(drafts: readonly Refused[]): void {
    for (const draft of drafts) if (this.refused.get(draft.question_id) === draft) this.refuse({ ...draft, code: LATE, detail: "" });
  }

  /** Another device has answered the question since this one began to: neither answer is lost, and she decides. */
  overtaken(body: OperationBody, held: readonly SavedAnswer[]): void {
    if (body.t !== "answer") return;
    const { question_id, value, client_at_ms } = body;
    const theirs = held.find((answer) => answer.question_id === question_id);
    // It did not know of theirs.
    const base = theirs === undefined ? this.queue.last_accepted : theirs.n - 1;
    if (!same(theirs?.value, value)) this.keepRefused({ ...conflict(question_id, value, base), at_ms: client_at_ms });
  }

  /** The attempt runs (again): what was refused because it had ended goes out once more. */
  reopened(state: AttemptState, now: number): void {
    if (state.status !== "in_progress" || isLocked(state, now)) return;
    for (const draft of this.all()) {
      if (ENDED.has(draft.code) && state.seq > (this.refused_at.get(draft.question_id) ?? 0)) this.sendAgain(draft);
    }
  }

  /** The attempt is over, and she has seen what was not saved: the device need not keep it any longer. */
  discard(): void {
    for (const { question_id } of this.all()) this.useTheirs(question_id);
  }

  /** A new connection: what went wrong in the server may be right by now. */
  tryAgain(): void {
    for (const draft of this.all()) if (draft.code === "internal") this.sendAgain(draft);
  }

  /**
   * Somebody has restored an older copy of the server's database. Sends again what the server held then, as far as this
   * device was told, and does not hold any more. Gives the number of such answers. What another device has answered or sent
   * again since may be newer or older than this device's answer: the candidate decides.
   */
  forgotten(before: Candidate, held: readonly SavedAnswer[]): number {
    let count = 0;
    for (const known of Object.values(before.held)) {
      const { question_id, value, n, saved_at_ms } = known;
      const now = held.find((answer) => answer.question_id === question_id);
      if (same(now?.value, value) || this.queue.answerOf(question_id) !== null) continue;
      if (now !== undefined && (now.n > n || now.saved_at_ms > saved_at_ms)) {
        if (!this.refused.has(question_id)) this.keepRefused(conflict(question_id, value, this.queue.last_accepted));
        continue;
      }
      this.send(question_id, value, AT_ONCE);
      count += 1;
    }
    return count;
  }

  /** After a refusal: send this device's answer under a new number. */
  useMine(question_id: string): void {
    const draft = this.refused.get(question_id);
    if (draft !== undefined) this.edit(question_id, draft.value, false);
  }

  /** After a refusal: show what the server holds. */
  useTheirs(question_id: string): void {
    if (this.forget(question_id)) this.handlers.apply({ type: "forgot", question_id });
  }

  /**
   * She hands in without having decided between two devices: what the server holds counts, as she was told. This device's
   * answers go into the record before it, so that both can be seen there.
   */
  recordBoth(): void {
    for (const draft of this.all().filter(isConflict)) {
      const { question_id, value } = draft;
      const theirs = this.handlers.model().held[question_id];
      if (theirs === undefined) continue;
      this.forget(question_id);
      this.send(question_id, value, AT_ONCE);
      this.send(question_id, theirs.value, AT_ONCE, true);
      this.handlers.apply({ type: "edited", question_id, value: theirs.value });
    }
  }

  private sendAgain({ question_id, value, base }: Refused): void {
    const theirs = this.handlers.model().held[question_id];
    this.forget(question_id);
    if (theirs !== undefined && same(theirs.value, value)) this.handlers.apply({ type: "forgot", question_id });
    else if (theirs !== undefined && theirs.n > base) this.refuse(conflict(question_id, value, base));
    else {
      this.handlers.apply({ type: "edited", question_id, value });
      this.send(question_id, value, AT_ONCE);
    }
  }

  private send(question_id: string, value: Value, pace: Pace, apart = false): void {
    // The page goes on with what was typed: the other half of a character may come with the next key.
    const sent = sendable(value);
    const client_at_ms = this.device.wall();
    this.handlers.operate({ t: "answer", question_id, value: sent, position: null, client_at_ms }, pace, apart);
  }

  private refuse(draft: Refused): void {
    this.keepRefused(draft);
    this.handlers.apply({ type: "refused", refused: draft });
  }

  private keepRefused(draft: Refused): void {
    this.refused.set(draft.question_id, draft);
    this.keeper.refuse(draft.question_id, draft);
    void this.keeper.keep();
  }

  private forget(question_id: string): boolean {
    this.refused_at.delete(question_id);
    if (!this.refused.delete(question_id)) return false;
    this.keeper.refuse(question_id, null);
    void this.keeper.keep();
    return true;
  }

  private overLength(question_id: string, value: Value): number {
    const question = this.handlers.model().paper?.questions.find((one) => one.question_id === question_id);
    return question === undefined ? 0 : overLength(question, value);
  }
}

function conflict(question_id: string, value: Value, base: number): Refused {
  return { question_id, value, code: "number_reused", detail: "", base };
}
