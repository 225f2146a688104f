/** The calls about marks, for staff. */

import type {
  ClaimBody,
  ClaimReply,
  MarkBody,
  MarkingQueue,
  Result,
  UnclaimBody,
  UnclaimReply,
} from "../generated/rest";
import type { Rest } from "./rest";

const PAGE = 50;

export class MarksRest {
  private readonly test: string;

  constructor(
    private readonly rest: Rest,
    test_id: string,
  ) {
    this.test = `/tests/${encodeURIComponent(test_id)}`;
  }

  queue(by: string, after: string | null): Promise<MarkingQueue> {
    const query = new URLSearchParams({ by, limit: String(PAGE), ...(after === null ? {} : { after }) });
    return this.rest.request("GET", `${this.test}/marking-queue?${query.toString()}`, "MarkingQueue");
  }

  /** The same answer again stays in the caller's hands for longer. */
  claim(body: ClaimBody): Promise<ClaimReply> {
    return this.rest.request("POST", `${this.test}/marking-queue/claim`, "ClaimReply", body);
  }

  release(body: UnclaimBody): Promise<UnclaimReply> {
    return this.rest.request("POST", `${this.test}/marking-queue/release`, "UnclaimReply", body);
  }

  mark(attempt_id: string, question_id: string, body: MarkBody): Promise<Result> {
    return this.rest.mark(attempt_id, question_id, body);
  }
}
