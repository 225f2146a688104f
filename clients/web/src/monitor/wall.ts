/** Opens what a room sees on a wall in a tab of its own. */

import { OfficeRest } from "../io/office";
import type { Rest } from "../io/rest";

/** Time for whoever comes late, after the last clock. */
const AFTER_MS = 60 * 60_000;
const LEAST_MS = 12 * 60 * 60_000;

/** The address of it; with a token that may do no more than watch over this test, where one is given. */
function address(test: string, token: string | null): string {
  const fields = new URLSearchParams({ test, hall: "1", ...(token === null ? {} : { token }) });
  return `${location.pathname}${location.search}#${fields.toString()}`;
}

/**
 * Whoever may give tokens leaves on the wall one of the role with the fewest rights that sees a room, for this test alone. Else the tab has
 * what this one has: the browser gives a tab that another one opens a copy of what that keeps.
 */
export async function openWall(test: string, rest: Rest, gives: boolean, ends_at_ms: number | null, now: number): Promise<void> {
  // Now: after a wait the browser takes it for a window that nobody has asked for.
  const tab = window.open(gives ? "about:blank" : address(test, null), "_blank");
  if (!gives || tab === null) return;
  const lifetime_ms = Math.round(Math.max(LEAST_MS, (ends_at_ms ?? now) - now + AFTER_MS));
  try {
    const { token } = await new OfficeRest(rest).giveToken({ role: "invigilator", user_id: "wall", tests: [test], lifetime_ms });
    tab.location.replace(address(test, token));
  } catch {
    tab.location.replace(address(test, null));
  }
}
