/** What this page says of itself whenever it connects: which device it is, which try this is, and who asked for it. */

import { PROTOCOL_VERSION } from "../generated/limits";
import type { AttemptState, Hello } from "../generated/messages";
import type { ResumeBody } from "../generated/rest";
import { CLIENT } from "./link";

export class Arrival {
  private connect_n = 0;
  /** A person asked for the attempt here: she opened the page, or pressed "Use it here". */
  private takeover = true;
  private seen_seq: number | null = null;

  constructor(
    private readonly token: string,
    /** The name of this page, used by no other. */
    private readonly device: string,
  ) {}

  /** The next `hello`. Every try has a greater number, so that the server never takes an old one for new. */
  hello(): Hello {
    return { t: "hello", protocol: PROTOCOL_VERSION, token: this.token, client: CLIENT, ...this.next() };
  }

  /** The same over REST. */
  resume(): ResumeBody {
    return { client: CLIENT, ...this.next() };
  }

  /** A person wants the attempt here. */
  takeOver(): void {
    this.takeover = true;
  }

  /** The server has let this page in. From now on the log of this state is the one that is known, older or not. */
  welcomed(state: AttemptState): void {
    this.takeover = false;
    this.seen_seq = state.seq;
  }

  /** The server has told of this position of the log as durable. */
  saw(seq: number): void {
    this.seen_seq = Math.max(this.seen_seq ?? 0, seq);
  }

  private next(): { device: string; connect_n: number; takeover: boolean; seen_seq: number | null } {
    this.connect_n += 1;
    const { device, connect_n, takeover, seen_seq } = this;
    return { device, connect_n, takeover, seen_seq };
  }
}

/** A name that nothing else has. It works without `https` too, where `crypto.randomUUID` is missing. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
