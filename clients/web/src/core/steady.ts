/**
 * The order of a list that somebody has under her finger: it stays as it was drawn, with what is new at its end, until she
 * lets go. Whoever no longer fits what is looked for keeps the place, and is marked.
 */

import type { Row } from "../generated/messages";

/** So long after a movement in the list its order stays. */
export const HOLD_MS = 4_000;

export interface Drawn {
  rows: readonly Row[];
  /** Those that are drawn and do not fit any more. */
  unfit: ReadonlySet<string>;
  /** Whether another order, or others, would be shown. */
  held: boolean;
}

export const NOTHING_HELD = { unfit: new Set<string>(), held: false } as const;

/** `drawn`: as the list is now. `wanted`: as it would be. `get`: the row of an attempt as it is known now. */
export function steady(drawn: readonly Row[], wanted: readonly Row[], get: (attempt_id: string) => Row | undefined): Drawn {
  const left = new Map(wanted.map((row) => [row.attempt_id, row]));
  const rows: Row[] = [];
  const unfit = new Set<string>();
  for (const { attempt_id } of drawn) {
    const row = left.get(attempt_id) ?? get(attempt_id);
    if (row === undefined) continue;
    if (!left.delete(attempt_id)) unfit.add(attempt_id);
    rows.push(row);
  }
  rows.push(...left.values());
  const held = rows.length !== wanted.length || rows.some((row, at) => row.attempt_id !== wanted[at]?.attempt_id);
  return { rows, unfit, held };
}
