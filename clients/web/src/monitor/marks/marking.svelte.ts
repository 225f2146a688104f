/** One marker at one test: the queue as it was last asked for, and the answer in her hands with what she has typed. */

import { ALL_ANSWERS, isDirty, isRenewalDue, isSame, nextOf, NOTHING_TYPED, rangeOf, scoreOf, thisOne, type By, type Draft, type Only } from "../../core/marking";
import { criteriaOf, sumOf } from "../../core/rubric";
import type { AnswerToMark, ClaimBody, ClaimReply, QueuedAnswer, QuestionWaiting } from "../../generated/rest";
import { newId } from "../../io/identity";
import type { MarksRest } from "../../io/marks";
import type { Saved } from "../../io/rest";
import { as, marking as M } from "../words.svelte";
import { whyFailed } from "../../shared/refused.svelte";

export class Marking {
  by = $state<By>("question");
  /** Which answers are listed, and taken in hand one after the other. */
  only = $state.raw<Only>(ALL_ANSWERS);
  /** The candidate whose answers alone are meant, as the list calls her; empty: those of all. */
  candidate = $state("");
  /** Candidates have aliases: their ids find nothing. */
  blind = $state(true);
  answers = $state.raw<readonly QueuedAnswer[]>([]);
  questions = $state.raw<readonly QuestionWaiting[]>([]);
  /** Null: not known yet. */
  waiting = $state<number | null>(null);
  next = $state<string | null>(null);
  task = $state.raw<AnswerToMark | null>(null);
  draft = $state<Draft>({ ...NOTHING_TYPED });
  /** What happened last, and what went wrong last. */
  note = $state("");
  trouble = $state("");
  busy = $state(false);
  private claimed_at = 0;
  private renewing = false;
  /** The same save again, after a lost reply, is the same command. */
  private command: { of: string; id: string } | null = null;
  /** Of two lists that were asked for the later one is shown. */
  private round = 0;

  constructor(
    private readonly rest: MarksRest,
    private readonly now: () => number = () => performance.now(),
  ) {}

  get dirty(): boolean {
    return this.task !== null && isDirty(this.draft);
  }

  async load(after: string | null = null): Promise<void> {
    const mine = ++this.round;
    try {
      const found = await this.rest.queue(nextOf(this.by, this.only, after));
      if (mine !== this.round) return;
      this.answers = after === null ? found.answers : [...this.answers, ...found.answers];
      this.next = found.next;
      this.questions = found.questions;
      this.waiting = found.waiting;
      this.blind = found.blind;
      if (after === null && this.trouble === M.failed) this.trouble = "";
    } catch (error) {
      if (mine === this.round) this.trouble = why(error);
    }
  }

  order(by: By): void {
    this.by = by;
    void this.load();
  }

  /** Lists other answers: to one question, or of one candidate. */
  narrow(change: Partial<Only>, candidate = this.candidate): void {
    this.only = { ...this.only, ...change };
    this.candidate = candidate;
    void this.load();
  }

  /** The next one that waits, from the beginning. */
  async begin(): Promise<void> {
    await this.act(async () => {
      this.note = "";
      await this.take(nextOf(this.by, this.only, null), M.queue.none);
    });
  }

  async open(answer: QueuedAnswer): Promise<void> {
    await this.act(async () => {
      this.note = "";
      await this.take(thisOne(this.by, answer), M.queue.taken);
    });
  }

  async save(): Promise<void> {
    const { task } = this;
    if (task === null) return;
    const { points, remark, levels } = this.draft;
    const { rubric } = task;
    const score_mpt = rubric.length > 0 ? sumOf(rubric, levels) : scoreOf(points, task);
    if (score_mpt === null) {
      this.trouble = rubric.length > 0 ? M.rubric.open : M.task.bad({ range: rangeOf(task) });
      return;
    }
    const criteria = criteriaOf(rubric, levels);
    const { attempt_id, question_id, candidate } = task.answer;
    await this.act(async () => {
      const command_id = this.commandFor(`${task.place} ${score_mpt} ${JSON.stringify(criteria)} ${remark}`);
      await this.rest.mark(attempt_id, question_id, { score_mpt, max_mpt: task.max_mpt, remark, criteria, command_id });
      this.drop();
      this.note = M.task.saved({ candidate, points: as.points(score_mpt) });
      await this.take(nextOf(this.by, this.only, task.place), `${this.note} ${M.queue.end}`);
    });
  }

  /** Lets go of the answer, and takes the one behind it. */
  async skip(): Promise<void> {
    const { task } = this;
    if (task === null) return;
    await this.act(async () => {
      await this.release(task);
      this.note = "";
      await this.take(nextOf(this.by, this.only, task.place), M.queue.end);
    });
  }

  async stop(): Promise<void> {
    const { task } = this;
    if (task === null) return;
    await this.act(async () => {
      await this.release(task);
      this.note = "";
    });
    await this.load();
  }

  /** Whoever still types keeps the answer. */
  async typed(): Promise<void> {
    const { task } = this;
    if (task === null || this.renewing || !isRenewalDue(this.claimed_at, this.now())) return;
    this.renewing = true;
    const asked_at = this.now();
    try {
      const { task: again } = await this.rest.claim(thisOne(this.by, task.answer));
      if (this.task !== task) return;
      this.claimed_at = asked_at;
      if (again === null) this.trouble = M.task.lost;
      else if (!isSame(task, again)) {
        this.task = again;
        this.trouble = M.task.changed;
      }
    } catch (error) {
      if (this.task === task) this.trouble = why(error);
    } finally {
      this.renewing = false;
    }
  }

  private async take(body: ClaimBody, otherwise: string): Promise<void> {
    const asked_at = this.now();
    const found: ClaimReply = await this.rest.claim(body);
    this.waiting = found.waiting;
    this.task = found.task;
    this.draft = { ...NOTHING_TYPED };
    this.claimed_at = asked_at;
    if (found.task !== null) return;
    this.note = otherwise;
    await this.load();
  }

  /** Where the server can't be told, the answer comes free by itself. */
  /** A file of the answer at hand; null: it can't be fetched now. */
  async fetchFile(hash: string): Promise<Saved | null> {
    const { task } = this;
    if (task === null) return null;
    try {
      return await this.rest.file(task.answer.attempt_id, hash);
    } catch {
      return null;
    }
  }

  private async release({ answer: { attempt_id, question_id } }: AnswerToMark): Promise<void> {
    this.drop();
    await this.rest.release({ attempt_id, question_id });
  }

  private drop(): void {
    this.task = null;
    this.draft = { ...NOTHING_TYPED };
    this.command = null;
  }

  private commandFor(of: string): string {
    if (this.command?.of !== of) this.command = { of, id: newId() };
    return this.command.id;
  }

  private async act(what: () => Promise<void>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.trouble = "";
    try {
      await what();
    } catch (error) {
      this.trouble = why(error);
    }
    this.busy = false;
  }
}

function why(error: unknown): string {
  return whyFailed(error, M.failed);
}
