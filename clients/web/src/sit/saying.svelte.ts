/**
 * What was said last of an answer, for as long as the answer is as it was then. An answer that is cleared, or comes from another
 * device, would make it untrue.
 */

import type { PartValue } from "../generated/messages";

export class Saying {
  private said = $state.raw({ text: "", of: "" });

  constructor(private readonly part: () => PartValue | null) {}

  get text(): string {
    return this.said.of === JSON.stringify(this.part()) ? this.said.text : "";
  }

  /** `of`: the answer as it is from now on. */
  say(text: string, of: PartValue | null = this.part()): void {
    this.said = { text, of: JSON.stringify(of) };
  }
}
