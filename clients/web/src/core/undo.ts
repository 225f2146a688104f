/**
 * What takes an act back, where the protocol has something that leaves the attempt as it was. More time, a message, a warning, an end and
 * letting in can't be taken back; what was granted beyond the rules may come from groups too, so that no command puts it back for sure.
 */

import type { StaffCommand } from "../generated/messages";
import type { BulkBody } from "../generated/rest";
import type { CommandBody } from "./actions";

type Kind = StaffCommand["t"];
type Order = BulkBody["order"];

const OPPOSITES = { pause: "resume", resume: "pause", cancel: "reinstate" } as const satisfies Partial<Record<Kind, Kind>>;
type Opposed = keyof typeof OPPOSITES;

function isOpposed(kind: string): kind is Opposed {
  return Object.hasOwn(OPPOSITES, kind);
}

/** The command that takes this one back, which was carried out as record `seq`; null: none does. Where somebody else has acted since, the server refuses it. */
export function undoOf({ t, attempt_id }: StaffCommand, seq: number, reason: string): CommandBody | null {
  return isOpposed(t) ? (opposite(t, { attempt_id, reason, seen_seq: seq }) as CommandBody) : null;
}

/** The same of an act on many. */
export function undoOfOrder(order: Order, reason: string): Order | null {
  if (!isOpposed(order.t)) return null;
  return opposite(order.t, { reason, seen_ms: "seen_ms" in order ? order.seen_ms : null }) as Order;
}

/** Valid again is what it was: its clock does not wait until the candidate is back. */
function opposite(kind: Opposed, said: object): object {
  const t = OPPOSITES[kind];
  return t === "reinstate" ? { t, ...said, on_return: false } : { t, ...said };
}
