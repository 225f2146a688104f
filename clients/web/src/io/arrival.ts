/** What this page says of itself whenever it connects: which device it is, which try this is, and who asked for it. */

import { OLDEST_PROTOCOL_VERSION, PROTOCOL_VERSION } from "../generated/limits";
import type { Hello } from "../generated/messages";
import type { ResumeBody } from "../generated/rest";
import type { Identity } from "./identity";
import { CLIENT } from "./link";

/** A person's wish to have the attempt here holds for the tries that follow at once, not for one in an hour. */
const WISH_MS = 120_000;

export class Arrival {
  /** The number of the newest try, over the socket or over REST. */
  newest_n = 0;
  private wished_at: number | null = null;
  private seen_seq: number | null = null;

  constructor(
    private readonly token: string,
    private readonly identity: Identity,
    private readonly local: () => number,
  ) {}

  /** A person wants the attempt here: she opened its link, or pressed "Use it here". */
  takeOver(): void {
    this.wished_at = this.local();
  }

  /** The next `hello`. */
  hello(): Hello {
    return { t: "hello", protocol: PROTOCOL_VERSION, token: this.token, client: CLIENT, ...this.next(), oldest_protocol: OLDEST_PROTOCOL_VERSION, capabilities: [] };
  }

  /** The same over REST. */
  resume(): ResumeBody & { connect_n: number } {
    return { client: CLIENT, ...this.next() };
  }

  /** The server has let this page in. From now on its log is the one that is known, be it older than what was seen. */
  welcomed(seq: number): void {
    this.wished_at = null;
    this.seen_seq = seq;
  }

  /** The server has told of this position of the log as durable. */
  saw(seq: number): void {
    this.seen_seq = Math.max(this.seen_seq ?? 0, seq);
  }

  /** Whether the log that ends at `seq` is older than what this page has been told of. */
  isOlder(seq: number): boolean {
    return this.seen_seq !== null && seq < this.seen_seq;
  }

  private next(): { device: string; connect_n: number; takeover: boolean; seen_seq: number | null } {
    this.newest_n = this.identity.next();
    const takeover = this.wished_at !== null && this.local() - this.wished_at < WISH_MS;
    return { device: this.identity.device, connect_n: this.newest_n, takeover, seen_seq: this.seen_seq };
  }
}
