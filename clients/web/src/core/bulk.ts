/** Acts on many attempts: whom a selection means, who will be left out, and what a report says. */

import type { BulkProgress, Row, StaffCommand } from "../generated/messages";
import type { BulkBody, BulkReply, BulkTarget, Filter, LeftOut } from "../generated/rest";
import { asks, isAsked, isOffered, sayings, type Given } from "./actions";
import type { View } from "./monitor";

/** What can be done to many. */
export type BulkAction = StaffCommand["t"] | "grant_attempt";

/** Those that are chosen one by one; or (`all`) whoever the list shows, now and a moment later. */
export interface Selection {
  all: boolean;
  chosen: ReadonlySet<string>;
}

export const NOBODY: Selection = { all: false, chosen: new Set() };

/** Chooses one, or no longer. Who takes one out of all is left with all the others that are shown. */
export function toggled({ all, chosen }: Selection, attempt_id: string, shown: readonly Row[]): Selection {
  const next = new Set(all ? shown.map((row) => row.attempt_id) : chosen);
  if (!next.delete(attempt_id)) next.add(attempt_id);
  return { all: false, chosen: next };
}

/** The rows that are chosen, among those that are shown. */
export function chosenOf({ all, chosen }: Selection, shown: readonly Row[]): readonly Row[] {
  return all ? shown : shown.filter((row) => chosen.has(row.attempt_id));
}

/** What a view shows, as the server can find it; null: it has no such filter. */
export function filterOf({ statuses, concern, where, text, place: { section, branch, group } }: View): Filter | null {
  if (text.trim() !== "" || where !== null) return null;
  const place: Filter = {
    ...(section === null ? {} : { sections: [section] }),
    ...(branch === null ? {} : { branches: [branch] }),
    ...(group === null ? {} : { groups: [group.group_id] }),
  };
  switch (concern) {
    case "hands":
      return { ...place, hand_raised: true };
    case "waiting":
      return { ...place, waiting: true, connection: "online" };
    case "away":
      return { ...place, statuses: ["in_progress"], connection: "offline" };
    case null:
      return statuses.size === 0 ? place : { ...place, statuses: [...statuses] };
    default:
      // The server has no such filter: those that are shown are meant.
      return null;
  }
}

/** Whom an act is for. The server finds whoever fits at that moment, where the whole list is meant; else those that were seen. */
export function targetsOf(selection: Selection, shown: readonly Row[], view: View): Pick<BulkBody, "attempt_ids" | "filter"> {
  const filter = selection.all ? filterOf(view) : null;
  return filter !== null ? { filter } : { attempt_ids: chosenOf(selection, shown).map((row) => row.attempt_id) };
}

/** Whether the server will take this for the attempt, as far as the page can tell. */
export function canTake(action: BulkAction, row: Row): boolean {
  return action === "grant_attempt" || isOffered(action, row);
}

/** What is offered for these rows: what one of them at least can take, and what this person may do. */
export function offeredFor(rows: readonly Row[], acts: ReadonlySet<string>): BulkAction[] {
  return ACTIONS.filter((action) => acts.has(action) && rows.some((row) => canTake(action, row)));
}

/** The two who are chosen, where both have a paper, which they have from the start on; null: there is nothing to compare. */
export function pairOf(chosen: readonly Row[], acts: ReadonlySet<string>): [Row, Row] | null {
  const [one, other] = chosen;
  if (chosen.length !== 2 || one === undefined || other === undefined || !acts.has("read_log")) return null;
  return one.total > 0 && other.total > 0 ? [one, other] : null;
}

const ACTIONS: readonly BulkAction[] = [
  "pause",
  "message",
  "warn",
  "extend",
  "resume",
  "admit",
  "acknowledge_hand",
  "accommodate",
  "apply_rules",
  "allow_device",
  "grant_attempt",
  "reopen",
  "accept",
  "reinstate",
  "end",
  "cancel",
];

/** What a person is asked for before the act; a reason at least. */
export function asksFor(action: BulkAction): "time" | "text" | "reason" {
  return action !== "grant_attempt" && isAsked(action) ? asks(action) : "reason";
}

/**
 * `seen_ms`: when the person who gives it has looked, by the server's clock. Where somebody else has acted since, the server
 * refuses it. A message is sent all the same, as it is to one.
 */
export function orderOf(action: BulkAction, given: Given, seen_ms: number): BulkBody["order"] {
  if (action === "grant_attempt") return { t: action, reason: given.reason, seen_ms };
  const seen = action === "message" ? {} : { seen_ms };
  return { ...sayings(action, given), ...seen } as BulkBody["order"];
}

/** An act as the page shows it, by the newest that the server has said. */
export type Act = Omit<BulkProgress, "t">;

export function actOf(reply: BulkReply): Act {
  const { bulk_id, command, by, role, total, done, refused, status } = reply;
  return { bulk_id, command, by, role, total, done, refused, ended: status === "ended" };
}

/** Of two the one that has come further. */
export function further(one: Act | undefined, other: Act): Act {
  if (one === undefined) return other;
  return one.ended || one.done + one.refused > other.done + other.refused ? one : other;
}

/** Somebody whom an act did not reach, and why. */
export interface Missed {
  attempt_id: string;
  user_id: string;
  name: string;
  why: string;
}

/** Why an act did not reach somebody, and how many, the most frequent first. */
export function reasonsOf(missed: readonly Missed[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const { why } of missed) counts.set(why, (counts.get(why) ?? 0) + 1);
  return [...counts].sort(([, one], [, other]) => other - one);
}

/** Everybody whom an act did not reach: refused, waiting still, or come too late. */
export function missedBy(
  targets: readonly BulkTarget[],
  later: readonly LeftOut[],
  words: { waiting: string; later: string },
  said: (code: string, detail: string) => string,
): Missed[] {
  const refused = targets
    .filter(({ outcome }) => outcome !== "done")
    .map(({ attempt_id, user_id, name, outcome, code, detail }) => {
      return { attempt_id, user_id, name, why: outcome === "waiting" ? words.waiting : said(code ?? "", detail ?? "") };
    });
  const late = later.map(({ attempt_id, user_id, name }) => ({ attempt_id, user_id, name, why: words.later }));
  return [...refused, ...late];
}
