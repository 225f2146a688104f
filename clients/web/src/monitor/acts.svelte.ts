/** The acts on many attempts that this page knows of, and those that the server has not confirmed yet. */

import { FRESH_MS } from "../core/commands";
import { undoOfOrder } from "../core/undo";
import { actOf, further, missedBy, type Act, type BulkAction, type Missed } from "../core/bulk";
import type { BulkProgress } from "../generated/messages";
import type { BulkBody, BulkReply, BulkTarget } from "../generated/rest";
import type { BulkRest } from "../io/bulk";
import { newId } from "../io/identity";
import { RestRefused } from "../io/rest";
import { S } from "./words.svelte";
import { refusedText, whyFailed } from "../shared/refused.svelte";

type Order = BulkBody["order"];

/** An act that was given here. `trouble`: it was not accepted, or nobody knows whether it was. */
export interface Given {
  body: BulkBody;
  action: BulkAction;
  trouble: string | null;
  /** It may be tried again: nobody has answered. */
  again: boolean;
}

export interface Report {
  act: Act;
  missed: readonly Missed[];
}

/** Where no word comes over the socket, the server is asked. */
const ASK_MS = 2_000;

export class Acts {
  /** The newest first. */
  acts = $state.raw<readonly Act[]>([]);
  unconfirmed = $state.raw<readonly Given[]>([]);
  private readonly hidden = new Set<string>();
  /** What was asked for by this page, by the acts' ids. */
  private orders = $state.raw<ReadonlyMap<string, Order>>(new Map());
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly test_id: string,
    private readonly rest: BulkRest,
    /** The server's time. */
    private readonly now: () => number,
  ) {
    $effect(() => {
      // Whoever reloads the page sees what is under way. Without an answer the socket tells.
      rest.acts(test_id).then(
        ({ acts }) => acts.filter(({ status }) => status === "running").forEach((one) => this.know(actOf(one))),
        () => undefined,
      );
      return () => clearTimeout(this.timer);
    });
  }

  heard({ t: _, ...progress }: BulkProgress): void {
    this.know(progress);
  }

  give(action: BulkAction, order: BulkBody["order"], targets: Pick<BulkBody, "attempt_ids" | "filter">): void {
    const given: Given = { body: { bulk_id: newId(), order, ...targets, until_ms: this.untilMs() }, action, trouble: null, again: false };
    this.unconfirmed = [...this.unconfirmed, given];
    void this.send(given);
  }

  /** Once more, under the same id: if it was accepted, it is the same act. */
  tryAgain(given: Given): void {
    const anew = { ...given, body: { ...given.body, until_ms: this.untilMs() }, trouble: null, again: false };
    this.change(given, anew);
    void this.send(anew);
  }

  discard(given: Given): void {
    this.unconfirmed = this.unconfirmed.filter(({ body }) => body.bulk_id !== given.body.bulk_id);
  }

  hide(bulk_id: string): void {
    this.hidden.add(bulk_id);
    this.acts = this.acts.filter((act) => act.bulk_id !== bulk_id);
  }

  /** What takes an act back that was given here; null: nothing does. */
  undoOf({ bulk_id, ended, done }: Act): Order | null {
    const order = this.orders.get(bulk_id);
    return order === undefined || !ended || done === 0 ? null : undoOfOrder(order, S.undo.reason);
  }

  /** Takes it back for all whom it has reached, and once. */
  async takeBack(act: Act): Promise<void> {
    const back = this.undoOf(act);
    if (back === null) return;
    const { orders } = this;
    this.orders = new Map([...orders].filter(([bulk_id]) => bulk_id !== act.bulk_id));
    try {
      const attempt_ids = (await this.targets(act.bulk_id)).targets.filter(({ outcome }) => outcome === "done").map(({ attempt_id }) => attempt_id);
      this.give(back.t as BulkAction, back, { attempt_ids });
    } catch (error) {
      this.orders = orders;
      throw error;
    }
  }

  private async targets(bulk_id: string): Promise<{ act: BulkReply; targets: BulkTarget[] }> {
    const targets: BulkTarget[] = [];
    for (let after: string | null = null; ; ) {
      const page = await this.rest.targets(bulk_id, after, false);
      targets.push(...page.targets);
      after = page.next;
      if (after === null) return { act: page.act, targets };
    }
  }

  /** Everybody whom an act did not reach. */
  async report(bulk_id: string): Promise<Report> {
    const { act, targets } = await this.targets(bulk_id);
    const { left_out } = await this.rest.leftOut(bulk_id);
    return { act: actOf(act), missed: missedBy(targets, left_out, S.bulk.why, refusedText) };
  }

  private async send(given: Given): Promise<void> {
    try {
      const reply = await this.rest.bulk(this.test_id, given.body);
      this.orders = new Map([...this.orders, [given.body.bulk_id, given.body.order]]);
      this.discard(given);
      this.know(actOf(reply));
    } catch (error) {
      const refused = error instanceof RestRefused;
      const trouble = whyFailed(error, S.bulk.unreachable);
      const again = !refused || error.problem.retry === "later" || error.problem.code === "too_late";
      this.change(given, { ...given, trouble, again });
    }
  }

  /** What lies on the way for longer, since the connection is down, is not to be done without a question. */
  private untilMs(): number {
    return Math.round(this.now()) + FRESH_MS;
  }

  private change(given: Given, into: Given): void {
    this.unconfirmed = this.unconfirmed.map((one) => (one.body.bulk_id === given.body.bulk_id ? into : one));
  }

  private know(act: Act): void {
    if (this.hidden.has(act.bulk_id)) return;
    const known = this.acts.find(({ bulk_id }) => bulk_id === act.bulk_id);
    const newest = further(known, act);
    this.acts = known === undefined ? [newest, ...this.acts] : this.acts.map((one) => (one === known ? newest : one));
    this.askSoon();
  }

  private askSoon(): void {
    clearTimeout(this.timer);
    const running = this.acts.filter(({ ended }) => !ended);
    if (running.length === 0) return;
    this.timer = setTimeout(() => void this.ask(running), ASK_MS);
  }

  private async ask(running: readonly Act[]): Promise<void> {
    for (const { bulk_id } of running) {
      try {
        this.know(actOf((await this.rest.targets(bulk_id, null, true)).act));
      } catch {
        // The next look may be luckier.
      }
    }
    this.askSoon();
  }
}
