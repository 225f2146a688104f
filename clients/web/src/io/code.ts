/**
 * Code that is loaded when it is needed. Its files are fetched first, and imported when all are there: a browser may
 * remember for good that an import has failed, and never that a fetch has. What can't be fetched is tried again, for as
 * long as the page is open, and says meanwhile that it is missing.
 */

import { backoffMs, type Backoff } from "../core/backoff";
import type { Device } from "./device";

export type CodeState<T> = { kind: "absent" } | { kind: "loading" } | { kind: "missing" } | { kind: "ready"; code: T };

/** A connection that is back is noticed at once; this is for a server that is not. */
export const CODE_BACKOFF: Backoff = { base_ms: 2_000, cap_ms: 30_000 };

export class Code<T> {
  private now: CodeState<T> = { kind: "absent" };
  private tries = 0;
  private cancel: () => void = () => undefined;

  constructor(
    private readonly files: readonly string[],
    private readonly load: () => Promise<T>,
    private readonly fetch: (file: string) => Promise<void>,
    private readonly device: Pick<Device, "after" | "random">,
    private readonly told: (state: CodeState<T>) => void,
  ) {}

  get state(): CodeState<T> {
    return this.now;
  }

  /** Loads it, unless that is done or under way. What is missing is tried again at once. */
  want(): void {
    if (this.now.kind === "ready" || this.now.kind === "loading") return;
    this.cancel();
    this.tell({ kind: "loading" });
    void this.attempt();
  }

  private async attempt(): Promise<void> {
    try {
      await Promise.all(this.files.map((file) => this.fetch(file)));
      this.tell({ kind: "ready", code: await this.load() });
    } catch {
      this.tell({ kind: "missing" });
      this.cancel = this.device.after(backoffMs(this.tries++, CODE_BACKOFF, (1 + this.device.random()) / 2), () => this.want());
    }
  }

  private tell(state: CodeState<T>): void {
    this.now = state;
    this.told(state);
  }
}

/** Fetches a file whole, so that the browser has it. Rejects where it is not there. */
export async function fetchFile(file: string): Promise<void> {
  const response = await fetch(file);
  if (!response.ok) throw new Error(`${file}: ${response.status}`);
  await response.arrayBuffer();
}
