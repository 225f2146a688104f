/** What the tools hold while an attempt is sat. Each change is kept on the device at once. */

import { MAX_SUMS, optionKey, readHeld, type HeldByTools, type Sum } from "../core/held-by-tools";
import { toggled, type Stretch } from "../core/marks";
import { toolKey, toolStorage } from "../io/tool-memory";

export class ToolBox {
  private held: HeldByTools;
  /** False: it is gone when the page is reloaded. */
  readonly keeps = toolStorage.keeps();

  constructor(private readonly attempt_id: string) {
    this.held = $state.raw(readHeld(toolStorage.getItem(toolKey(attempt_id))));
  }

  get notes(): string {
    return this.held.notes;
  }

  set notes(notes: string) {
    this.change({ notes });
  }

  get sums(): readonly Sum[] {
    return this.held.sums;
  }

  add(sum: Sum): void {
    this.change({ sums: [...this.held.sums, sum].slice(-MAX_SUMS) });
  }

  isStruck(question_id: string, response_id: string, option_id: string): boolean {
    return this.held.struck.includes(optionKey(question_id, response_id, option_id));
  }

  strike(question_id: string, response_id: string, option_id: string, out: boolean): void {
    const key = optionKey(question_id, response_id, option_id);
    this.change({ struck: [...this.held.struck.filter((one) => one !== key), ...(out ? [key] : [])] });
  }

  marked(text: string): readonly Stretch[] {
    return this.held.marked[text] ?? [];
  }

  /** Highlights this stretch of a text, or takes it back. */
  mark(text: string, stretch: Stretch): void {
    this.change({ marked: { ...this.held.marked, [text]: toggled(this.marked(text), stretch) } });
  }

  private change(changes: Partial<HeldByTools>): void {
    this.held = { ...this.held, ...changes };
    toolStorage.setItem(toolKey(this.attempt_id), JSON.stringify(this.held));
  }
}
