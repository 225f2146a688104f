/** What is over leaves this device, also where nobody comes back to it. */

import { forgetFilesBut } from "./paper-files";
import { strip, type Store } from "./store";

/** An attempt that was opened so long ago is over, and so is one whose time ran out so long ago. */
const OLD_MS = 7 * 24 * 3600 * 1000;
const OVER_MS = 3600 * 1000;
/**
 * Takes off the device what is left of attempts that are over, `but` one: their tokens and papers, and everything of those
 * whose answers the server has. A clock that was set wrongly makes anything look old, so what the server has not got yet
 * stays.
 */
export async function tidy(store: Store, wall_ms: number, but: string): Promise<void> {
  for (const known of await store.attempts()) {
    const { attempt_id, opened_at_ms, closes_at_ms } = known;
    const is_over = wall_ms - opened_at_ms > OLD_MS || (closes_at_ms !== null && wall_ms - closes_at_ms > OVER_MS);
    if (is_over && attempt_id !== but) await strip(known, store);
  }
  if (store.durable) await forgetFilesBut((await store.attempts()).filter(({ token }) => token !== "").map(({ attempt_id }) => attempt_id));
}
