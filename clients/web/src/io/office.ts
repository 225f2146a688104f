/** The calls about an organisation, for staff: tests that are brought, tokens, and the audit log. */

import type { AuditPage, ImportReply, TokenBody, TokenReply } from "../generated/rest";
import type { Rest } from "./rest";

export class OfficeRest {
  constructor(private readonly rest: Rest) {}

  /** A test from a file of any format that is known; `dry_run`: it is only looked at. What is refused of it is left out
   * where `leave_out` says so. */
  bring(test_id: string, file: File, { dry_run, leave_out }: { dry_run: boolean; leave_out: boolean }): Promise<ImportReply> {
    const flags = { ...(dry_run ? { dry_run: "yes" } : {}), ...(leave_out ? { leave_out: "yes" } : {}) };
    const query = new URLSearchParams({ name: file.name, ...(test_id === "" ? {} : { test_id }), ...flags });
    return this.rest.upload(`/imports?${query.toString()}`, "ImportReply", file);
  }

  /** One page of the organisation's audit log. `query` is what follows the question mark. */
  audit(query: string): Promise<AuditPage> {
    return this.rest.request("GET", `/audit?${query}`, "AuditPage");
  }

  giveToken(body: TokenBody): Promise<TokenReply> {
    return this.rest.request("POST", "/tokens", "TokenReply", body);
  }
}
