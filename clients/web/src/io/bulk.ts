/** The calls about acts on many attempts, for staff. */

import type { BulkBody, BulkList, BulkReply, BulkTargets, LeftOutList } from "../generated/rest";
import type { Rest } from "./rest";

export class BulkRest {
  constructor(private readonly rest: Rest) {}

  /** Does something to many attempts; the same `bulk_id` again is the same act. */
  bulk(test_id: string, body: BulkBody): Promise<BulkReply> {
    return this.rest.request("POST", `/tests/${encodeURIComponent(test_id)}/bulk`, "BulkReply", body);
  }

  acts(test_id: string): Promise<BulkList> {
    return this.rest.request("GET", `/tests/${encodeURIComponent(test_id)}/bulk`, "BulkList");
  }

  /** An act, and a page of its attempts: all, or those that were refused. */
  targets(bulk_id: string, after: string | null, refused: boolean): Promise<BulkTargets> {
    const query = new URLSearchParams({ ...(after === null ? {} : { after }), ...(refused ? { refused: "1" } : {}) });
    return this.rest.request("GET", `/bulk/${encodeURIComponent(bulk_id)}?${query.toString()}`, "BulkTargets");
  }

  /** Who fits an act's filter only since it was accepted. */
  leftOut(bulk_id: string): Promise<LeftOutList> {
    return this.rest.request("GET", `/bulk/${encodeURIComponent(bulk_id)}/left-out`, "LeftOutList");
  }
}
