/** What this page says of itself whenever it connects: which device it is, which try this is, and who asked for it. */

import { further, type Position } from "../core/position";
import { OLDEST_PROTOCOL_VERSION, PROTOCOL_VERSION } from "../generated/limits";
import type { Hello, Welcome } from "../generated/messages";
import type { ResumeBody } from "../generated/rest";
import type { Identity } from "./identity";
import { CLIENT } from "./link";

/** A person's wish to have the attempt here holds for the tries that follow at once, not for one in an hour. */
const WISH_MS = 120_000;

export class Arrival {
  /** The number of the newest try, over the socket or over REST. */
  newest_n = 0;
  private wished_at: number | null = null;
  private seen: Position | null = null;

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

  /**
   * The server has let this page in. From now on the log of this welcome is the one that is known. True: it is not the one
   * that was known before, because the database was restored from an older copy.
   */
  welcomed({ state, restored }: Pick<Welcome, "state" | "restored">): boolean {
    // The server may have told of something since it read the hello.
    const is_another = restored || state.seq < (this.seen?.seq ?? 0);
    this.wished_at = null;
    this.seen = { seq: state.seq, head: state.head };
    return is_another;
  }

  /** The server has told of this position of the log as durable. */
  saw(position: Position): void {
    this.seen = further(this.seen, position);
  }

  private next(): { device: string; connect_n: number; takeover: boolean; seen_seq: number | null; seen_head: string | null } {
    this.newest_n = this.identity.next();
    const takeover = this.wished_at !== null && this.local() - this.wished_at < WISH_MS;
    const { seq: seen_seq, head: seen_head } = this.seen ?? { seq: null, head: null };
    return { device: this.identity.device, connect_n: this.newest_n, takeover, seen_seq, seen_head };
  }
}
