/** What the page says of each record of an attempt. */

import { formatDuration, formatPoints } from "../../core/format";
import type { Happening, Span, Topic } from "../../core/timeline";
import type { FactKind } from "../../generated/kinds";
import { signalName, sizeWords } from "../signals";

type Say = string | ((happening: Happening) => string);

const of = ({ position }: Happening): string => (position === null ? "a question" : `question ${position + 1}`);
const number = (value: unknown): number => (typeof value === "number" ? value : 0);
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const points = ({ fact }: Happening): string =>
  fact["max_mpt"] === undefined ? "" : `: ${formatPoints(number(fact["score_mpt"]))} of ${formatPoints(number(fact["max_mpt"]))} points`;
const clockOf = (fact: Happening["fact"]): string => (fact["scope"] === "section" ? " for the section" : fact["scope"] === "question" ? " for the question" : "");

function noticed(fact: Happening["fact"], times: "count" | "times"): string {
  const [signal, count] = [text(fact["signal"]), number(fact[times])];
  if (signal === "") return "Something was noticed";
  return `${signalName(signal)}${count > 1 ? `, ${count} times` : ""}${sizeWords(signal, number(fact["size"]))}`;
}

const SAYS: Record<FactKind, Say> = {
  created: "The attempt was made",
  started: "Started",
  admitted: "Let in",
  absent: "Found absent",
  connected: ({ fact }) => (fact["node"] == null ? "Connected, without a lasting connection" : "Connected"),
  disconnected: "Last heard of before the connection ended",
  answered: (one) =>
    one.fact["question_id"] === undefined ? "Gave an answer" : "value" in one.fact && one.fact["value"] !== null ? `Answered ${of(one)}` : `Cleared ${of(one)}`,
  flagged: (one) => `${one.fact["flagged"] === true ? "Flagged" : "Took the flag from"} ${of(one)}`,
  moved: (one) => `Went to ${of(one)}`,
  section_entered: ({ fact }) => ["Entered a section", text(fact["section_id"])].filter((part) => part !== "").join(": "),
  section_closed: ({ fact }) => ["A section was closed", text(fact["section_id"])].filter((part) => part !== "").join(": "),
  question_closed: (one) => (one.position === null ? "A question was closed" : `Question ${one.position + 1} was closed`),
  receipted: ({ fact }) => (fact["seen"] === true ? "Read the message" : "The message reached the page"),
  hand_raised: ({ fact }) => (fact["raised"] === true ? "Raised a hand" : "Lowered the hand"),
  hand_acknowledged: "The raised hand was seen",
  observed: ({ fact }) => `${noticed(fact, "count")}${fact["warned"] === true ? "; was warned" : ""}`,
  alerted: ({ fact }) => `Staff were alerted. ${noticed(fact, "times")}`,
  warned: ({ fact }) => `Was told that ${formatDuration(number(fact["left_ms"]))} were left${clockOf(fact)}`,
  overran: ({ fact }) => `Time was over${clockOf(fact)}, and went on`,
  paused: ({ fact }) => {
    if (typeof fact["signal"] === "string") return `The clock stands until staff resume. ${signalName(fact["signal"])}`;
    return fact["connection_lost"] === true ? "The clock stood: the connection was lost" : "Paused";
  },
  pause_forgotten: "Nobody had ended the pause",
  resumed: "Went on",
  extended: ({ fact }) => `Was given ${formatDuration(number(fact["add_ms"]))} more`,
  messaged: "Was sent a message",
  formally_warned: "Was formally warned",
  submitted: "Handed in",
  collected: "The paper was collected by staff",
  expired: "Time was up",
  abandoned: "Never came back",
  accepted: "What was abandoned was accepted",
  cancelled: "Cancelled",
  reinstated: "Made valid again",
  reopened: "Reopened",
  device_allowed: "Another device was allowed",
  hand_marked: (one) => `${one.position === null ? "An answer" : `Question ${one.position + 1}`} was marked${points(one)}`,
  regraded: "Marked again with another key",
  late_received: ({ fact }) =>
    fact["from_file"] === true ? "Answers came after the end, in a file" : "Answers came after the end, from the device",
  late_decided: ({ fact }) => `Staff decided about late answers: ${(fact["accepted"] as unknown[] | undefined)?.length ?? 0} count`,
  assessed: (one) => `Marked by the server${points(one)}`,
  completed: (one) => `The result was complete${points(one)}`,
  accommodated: "What the candidate is granted changed",
  retermed: "The rules of the newest version came into force",
  archived: "The log went into an archive",
  erased: "What was personal was erased",
};

/** One sentence without its end. A record of a newer server is named as the server names it. */
export function happeningText(one: Happening): string {
  const say = (SAYS as Record<string, Say | undefined>)[one.kind];
  return typeof say === "function" ? say(one) : (say ?? one.kind.replaceAll("_", " "));
}

/** What staff wrote with it: a message, a reason, a remark. */
export function wordsOf({ fact }: Happening): string {
  return [fact["text"], fact["reason"], fact["remark"]].map(text).filter((words) => words !== "").join(" · ");
}

export const L = {
  title: (name: string) => `What happened: ${name}`,
  loading: "Loading the record…",
  failed: "The server could not be reached.",
  again: "Try again",
  newer: "Look for newer records",
  position: "Moment",
  of: (n: number, total: number) => `Record ${n} of ${total}`,
  at: "At",
  standing: { question: "Question", answered: "Answered", flagged: "Flagged", connection: "Connection", clock: "Clock" },
  unknown: "not shown to you",
  none: "–",
  here: "connected",
  away: "away",
  before: "not started",
  over: "ended",
  paused: "stands",
  runs: "runs",
  hand: "hand raised",
  filter: "Show",
  all: "Everything",
  topics: { work: "Work", connection: "Connection", noticed: "Noticed", staff: "Staff", time: "Time", marks: "Marks" } satisfies Record<Topic, string>,
  spans: { connected: "Connected", away: "Away", paused: "Clock stands" } satisfies Record<Span["kind"], string>,
  strip: "The attempt over time",
  lengths: (kind: Span["kind"], ms: number) => `${L.spans[kind]}: ${formatDuration(ms)}`,
  list: "Records",
  nothing: "No record of this kind.",
  by: (role: string) => `by ${role}`,
  from: (first: string, last: string) => `From ${first} to ${last}.`,
  zone: (zone: string) => `Times of this device (${zone}).`,
};
