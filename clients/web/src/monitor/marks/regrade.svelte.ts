/** One regrade: tried out, page by page, then applied, and followed until it has ended. */

import type { MarkChange, RegradeProgress, RegradeTotals } from "../../generated/rest";
import type { MarksRest } from "../../io/marks";
import { newId } from "../../io/identity";
import { RestRefused } from "../../io/rest";
import { regrade as G } from "../words.svelte";
import { whyFailed } from "../../shared/refused.svelte";

const LOOK_MS = 1_000;

export class Regrade {
  key_version = $state(1);
  reason = $state("");
  /** What the trial came to; null: these keys have not been tried. */
  totals = $state.raw<RegradeTotals | null>(null);
  changes = $state.raw<readonly MarkChange[]>([]);
  next = $state<string | null>(null);
  /** Stands for what the trial came to: the server refuses to begin where it would come to something else by now. */
  private seen: string | null = null;
  progress = $state.raw<RegradeProgress | null>(null);
  busy = $state<"trying" | "applying" | null>(null);
  /** It is being asked for, or was accepted. */
  begun = $state(false);
  /** Nobody has answered, so it may have been accepted. */
  unsure = $state(false);
  trouble = $state("");
  private readonly regrade_id = newId();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private stopped = false;

  constructor(private readonly rest: MarksRest) {}

  /** Other keys: what was tried says nothing of them. */
  choose(key_version: number): void {
    this.key_version = key_version;
    this.totals = null;
    this.changes = [];
    this.next = null;
    this.seen = null;
    this.trouble = "";
  }

  async try(after: string | null = null): Promise<void> {
    if (this.busy !== null || this.begun) return;
    const { key_version } = this;
    this.busy = "trying";
    this.trouble = "";
    try {
      // A further page is one of the same trial.
      const seen = after === null ? null : this.seen;
      const found = await this.rest.regrade({ key_version, reason: this.reason.trim(), dry_run: true, after, seen });
      if (key_version === this.key_version) {
        this.totals = found.totals;
        this.changes = after === null ? found.changes : [...this.changes, ...found.changes];
        this.next = found.next;
        this.seen = found.seen;
      }
    } catch (error) {
      this.refused(error, G.failed);
    }
    this.busy = null;
  }

  async apply(): Promise<void> {
    if (this.busy !== null || (this.begun && !this.unsure) || this.totals === null) return;
    this.busy = "applying";
    this.begun = true;
    this.unsure = false;
    this.trouble = "";
    try {
      const asked = { regrade_id: this.regrade_id, key_version: this.key_version, reason: this.reason.trim(), seen: this.seen };
      const { regrade_id } = await this.rest.regrade(asked);
      // Somebody else may have asked for the same: then it is hers that goes on.
      void this.follow(regrade_id ?? this.regrade_id);
    } catch (error) {
      // A refusal has begun nothing. After silence it can be sent again: under its id it is the same regrade.
      this.unsure = !(error instanceof RestRefused);
      this.begun = this.unsure;
      this.refused(error, G.unsure);
    }
    this.busy = null;
  }

  /** What was tried is not so any more, if somebody else has acted: it has to be tried again. */
  private refused(error: unknown, otherwise: string): void {
    if (error instanceof RestRefused && error.problem.code === "acted_meanwhile") this.choose(this.key_version);
    this.trouble = why(error, otherwise);
  }

  /** Looks no more. The server goes on. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private async follow(regrade_id: string): Promise<void> {
    try {
      this.progress = await this.rest.progress(regrade_id);
      this.trouble = "";
    } catch (error) {
      this.trouble = why(error, G.failed);
      if (error instanceof RestRefused) return;
    }
    if (this.stopped || this.progress?.status === "done") return;
    this.timer = setTimeout(() => void this.follow(regrade_id), LOOK_MS);
  }
}

function why(error: unknown, otherwise: string): string {
  return whyFailed(error, otherwise);
}
