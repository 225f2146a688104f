/** The calls about what a test is like, for staff: as candidates would see it, with its keys, and what its author should look at. */

import type { LintReply, Preview, TestKey } from "../generated/rest";
import type { Rest } from "./rest";

export class PreviewRest {
  private readonly test: string;

  constructor(
    private readonly rest: Rest,
    test_id: string,
  ) {
    this.test = `/tests/${encodeURIComponent(test_id)}`;
  }

  /** A test as a candidate would see it: one of its forms, drawn and shuffled by a seed. */
  preview(form: string | null, seed: number, version: number | null): Promise<Preview> {
    const query = new URLSearchParams({ seed: String(seed), ...(form === null ? {} : { form }), ...(version === null ? {} : { version: String(version) }) });
    return this.rest.request("GET", `${this.test}/preview?${query}`, "Preview");
  }

  /** The keys of a test, as people read them. */
  key(version: number | null): Promise<TestKey> {
    return this.rest.request("GET", `${this.test}/key${ofVersion(version)}`, "TestKey");
  }

  /** What the author of a test should look at. */
  lint(version: number | null): Promise<LintReply> {
    return this.rest.request("GET", `${this.test}/lint${ofVersion(version)}`, "LintReply");
  }
}

function ofVersion(version: number | null): string {
  return version === null ? "" : `?version=${version}`;
}
