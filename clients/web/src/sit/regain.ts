/** Where the keyboard goes when the button that was pressed is gone. */

import { tick } from "svelte";

/** Once the page shows what was done: to the line that says so, unless she has gone elsewhere. */
export async function regain(line: HTMLElement | undefined): Promise<void> {
  await tick();
  if (document.activeElement === document.body) line?.focus({ preventScroll: true });
}
