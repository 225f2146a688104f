/** What staff can do to an attempt, one row for each action. The server decides; `offered` and the rights only spare clicks that it would refuse. */

import { REASON_REQUIRED, type Row, type StaffCommand } from "../generated/messages";
import { showsNothing } from "./texts";

type WithoutId<C> = C extends unknown ? Omit<C, "command_id"> : never;
export type CommandBody = WithoutId<StaffCommand>;

/** What a person has typed; only what the action asks for is read. */
export interface Given {
  ms: number;
  text: string;
  reason: string;
  /** What the candidate is told of it. */
  said: string;
  /** Whether what the action asks with a box is wanted. */
  ticked: boolean;
  /** No time is given: there is no limit. */
  unlimited: boolean;
}

/** Of a command that is done at once. */
export const NOTHING_GIVEN: Given = { ms: 0, text: "", reason: "", said: "", ticked: false, unlimited: false };

type Kind = StaffCommand["t"];
export type Action = Kind | "mark" | "grant_attempt";

interface Command<K extends Kind> {
  offered: (row: Row) => boolean;
  /** What a person is asked for; null: it is done at once. A text stands for itself; else a reason can be given. */
  asks: "time" | "text" | "reason" | null;
  /** The least time that makes sense, in ms. */
  least_ms?: number;
  /** It has a box to tick. */
  ticks?: boolean;
  /** The candidate can be told something, beside the reason that only the record has. */
  tells?: boolean;
  /** Its time may be left out: there is no limit then. */
  unlimited?: boolean;
  /** The fields of the command beside its ids. */
  says: (given: Given) => Omit<Extract<StaffCommand, { t: K }>, "t" | "command_id" | "attempt_id" | "seen_seq">;
}

const isOpen = ({ status }: Row): boolean => status === "initiated" || isSitting(status);
const isSitting = (status: string): boolean => status === "in_progress" || status === "paused";
const ENDED_UNTOUCHED: readonly string[] = ["submitted", "expired", "completed"];

/** In the order in which they are offered. */
const COMMANDS = {
  admit: { offered: (row) => row.admission === "waiting", asks: null, says: ({ reason }) => ({ reason }) },
  acknowledge_hand: { offered: (row) => isOpen(row) && row.hand === "raised", asks: null, says: ({ reason }) => ({ reason }) },
  pause: { offered: ({ status }) => status === "in_progress", asks: null, says: ({ reason }) => ({ reason }) },
  resume: { offered: ({ status }) => status === "paused", asks: null, says: ({ reason }) => ({ reason }) },
  extend: { offered: ({ status }) => isSitting(status), asks: "time", says: ({ ms, reason }) => ({ add_ms: ms, reason }) },
  message: { offered: isOpen, asks: "text", says: ({ text }) => ({ text }) },
  warn: { offered: isOpen, asks: "reason", says: ({ reason }) => ({ reason }) },
  accommodate: {
    offered: isOpen,
    asks: "time",
    // None takes it back.
    least_ms: 0,
    ticks: true,
    says: ({ ms, reason, ticked }) => ({ extra_time_ms: ms, reason, may_shorten: ticked }),
  },
  apply_rules: {
    offered: ({ status }) => isSitting(status),
    asks: "reason",
    ticks: true,
    says: ({ reason, ticked }) => ({ reason, may_shorten: ticked }),
  },
  allow_device: { offered: (row) => isOpen(row) && row.link === "bound", asks: "reason", says: ({ reason }) => ({ reason }) },
  end: { offered: ({ status }) => isSitting(status), asks: "reason", tells: true, says: ({ reason, said }) => ({ reason, said }) },
  cancel: {
    offered: isOpen,
    asks: "reason",
    tells: true,
    ticks: true,
    says: ({ ticked, reason, said }) => ({ counts: ticked, reason, said }),
  },
  reinstate: {
    offered: ({ status }) => status === "cancelled" || status === "absent",
    asks: "reason",
    ticks: true,
    says: ({ ticked, reason }) => ({ on_return: ticked, reason }),
  },
  reopen: {
    offered: ({ status }) => ENDED_UNTOUCHED.includes(status) || status === "abandoned",
    asks: "time",
    ticks: true,
    unlimited: true,
    says: ({ ms, reason, ticked, unlimited }) => ({ left_ms: unlimited ? null : ms, reason, on_return: ticked }),
  },
  accept: {
    offered: ({ status }) => status === "abandoned",
    asks: "reason",
    tells: true,
    says: ({ reason, said }) => ({ reason, said }),
  },
} satisfies { [K in Kind]: Command<K> };

/** Whether the attempt can take the command, as its row says. */
export function isOffered(kind: Kind, row: Row): boolean {
  return COMMANDS[kind].offered(row);
}

/** Commands for which a person is asked for something. */
export type Asked = { [K in Kind]: (typeof COMMANDS)[K]["asks"] extends null ? never : K }[Kind];

const canMark = (row: Row): boolean => (row.awaiting_marks > 0 && !isOpen(row)) || row.status === "completed";

/** `acts`: what this person may do, as the server has said. */
export function actionsFor(row: Row, acts: ReadonlySet<string>): Action[] {
  const commands = (Object.keys(COMMANDS) as Kind[]).filter((kind) => COMMANDS[kind].offered(row));
  const offered: Action[] = canMark(row) ? ["mark", ...commands] : [...commands];
  if (!isOpen(row)) offered.push("grant_attempt");
  return offered.filter((action) => acts.has(action));
}

export function asks(kind: Asked): "time" | "text" | "reason" {
  return COMMANDS[kind].asks;
}

/** Whether the action has a box to tick. */
export function ticks(kind: Asked): boolean {
  return (COMMANDS[kind] as Command<Kind>).ticks ?? false;
}

/** Whether the candidate can be told something with it. */
export function tells(kind: Asked): boolean {
  return (COMMANDS[kind] as Command<Kind>).tells ?? false;
}

/** Whether the action can be given without a time. */
export function canBeUnlimited(kind: Asked): boolean {
  return (COMMANDS[kind] as Command<Kind>).unlimited ?? false;
}

export function isAsked(kind: Kind): kind is Asked {
  return COMMANDS[kind].asks !== null;
}

/** The least time that the action can be given. */
export function leastMs(kind: Asked): number {
  return (COMMANDS[kind] as Command<Kind>).least_ms ?? 1_000;
}

/** Whether all that the action asks for is there. */
export function isReady(kind: Asked, { ms, text, reason, said, unlimited }: Given, most_ms: number): boolean {
  if (said !== "" && showsNothing(said)) return false;
  const asked = unlimited && canBeUnlimited(kind) ? "reason" : asks(kind);
  if (asked === "text" && showsNothing(text)) return false;
  if (asked === "time" && !(Number.isFinite(ms) && ms >= leastMs(kind) && ms <= most_ms)) return false;
  return !REASON_REQUIRED[kind] || !showsNothing(reason);
}

/** `row` is what the person sees who gives it: where somebody else has acted since, the server refuses it. */
export function commandOf(kind: Kind, row: Pick<Row, "attempt_id" | "seq">, given: Given): CommandBody {
  const seen = kind === "message" ? {} : { seen_seq: row.seq };
  return { t: kind, attempt_id: row.attempt_id, ...COMMANDS[kind].says(given), ...seen } as CommandBody;
}

/** What a command says, without the attempt that it is for. */
export function sayings(kind: Kind, given: Given): object {
  return { t: kind, ...COMMANDS[kind].says(given) };
}
