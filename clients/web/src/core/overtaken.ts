/** Answers that another device has overtaken: the candidate decides between them. */

import type { SavedAnswer } from "../generated/messages";
import type { Entry } from "./entries";
import { isThis, subject } from "./operation";

/**
 * Which entries another device has overtaken, given what the server holds. `known` is set where the server's log is another
 * one than this device was told of: what the device knew then, by question. Numbers begin anew there, so an answer given
 * since is known by its time. Elsewhere it is newer than what the server was known to have accepted (`base`).
 */
export function overtakenBy(
  held: readonly SavedAnswer[],
  entries: readonly Entry[],
  known: Readonly<Record<string, SavedAnswer>> | null,
): Entry[] {
  const newest = entries.filter(({ body, base }) => {
    if (body.t !== "answer") return false;
    const theirs = held.find((answer) => answer.question_id === body.question_id);
    if (theirs === undefined || entries.some((own) => isThis(own, theirs))) return false;
    return known === null ? theirs.n > base : theirs.saved_at_ms > (known[body.question_id]?.saved_at_ms ?? -Infinity);
  });
  // What was typed before something that is overtaken knew even less, whatever it was counted from.
  return entries.filter(({ key, body }) => newest.some((one) => key <= one.key && subject(body) === subject(one.body)));
}
