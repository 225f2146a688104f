/** A list that the server gives a page at a time. */

import { RestRefused } from "../../io/rest";
import { people as P } from "../words.svelte";
import { whyFailed } from "../../shared/refused.svelte";

interface Page<T> {
  items: readonly T[];
  next: string | null;
}

/** What to say of a call that failed. */
export function whyNot(error: unknown): string {
  return whyFailed(error, P.failed);
}

export class Listed<T> {
  items = $state.raw<readonly T[]>([]);
  next = $state<string | null>(null);
  /** Nil: nothing has gone wrong. */
  trouble = $state<string | null>(null);
  loaded = $state(false);
  /** The server's sentence where this person may not see the list, nor change it. */
  closed = $state<string | null>(null);

  constructor(private readonly load: (after: string | null) => Promise<Page<T>>) {}

  async reload(): Promise<void> {
    await this.take(null);
  }

  async more(): Promise<void> {
    if (this.next !== null) await this.take(this.next);
  }

  private async take(after: string | null): Promise<void> {
    try {
      const { items, next } = await this.load(after);
      this.items = after === null ? items : [...this.items, ...items];
      this.next = next;
      this.trouble = null;
      this.loaded = true;
    } catch (error) {
      if (error instanceof RestRefused && error.problem.code === "forbidden") this.closed = whyNot(error);
      else this.trouble = whyNot(error);
    }
  }
}
