/** What the page says of each record of an attempt. */

import type { Happening } from "../../core/timeline";
import { FACT_KINDS, type FactKind } from "../../generated/kinds";
import { signalName, sizeWords } from "../signals";
import { as, timeline as L } from "../words.svelte";

type Say = (happening: Happening) => string;
type Said = (typeof L)["says"];
/** What a kind's own sentence is made of: nothing else, or a yes or no that its record says. */
type Yes = Readonly<Record<string, boolean>>;
/** Kinds with one sentence, under their own name in the words. */
type Plain = { [Kind in FactKind & keyof Said]: Said[Kind] extends string ? Kind : Said[Kind] extends (said: infer D) => string ? (D extends Yes ? Kind : never) : never }[FactKind & keyof Said];

const number = (value: unknown): number => (typeof value === "number" ? value : 0);
const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** Of a question: by its number in her paper, where that is known. */
function about({ position }: Happening, known: (d: { n: number }) => string, unknown: string): string {
  return position === null ? unknown : known({ n: position + 1 });
}

function points({ fact }: Happening): string {
  if (fact["max_mpt"] === undefined) return "";
  return L.says.points({ score: as.points(number(fact["score_mpt"])), most: as.points(number(fact["max_mpt"])) });
}

function noticed(fact: Happening["fact"], times: "count" | "times"): string {
  const [signal, count] = [text(fact["signal"]), number(fact[times])];
  if (signal === "") return L.says.noticed;
  return `${signalName(signal)}${count > 1 ? L.says.times({ n: count }) : ""}${sizeWords(signal, number(fact["size"]))}`;
}

function section(what: string, { fact }: Happening): string {
  const which = text(fact["section_id"]);
  return which === "" ? what : L.says.of({ what, which });
}

/** The sentence for a clock of this scope: the test's, a section's, or a question's. */
function scoped<Sentence>({ fact }: Happening, test: Sentence, section: Sentence, question: Sentence): Sentence {
  return fact["scope"] === "section" ? section : fact["scope"] === "question" ? question : test;
}

function answered(one: Happening): string {
  const W = L.says;
  if (one.fact["question_id"] === undefined) return W.answered_some;
  return "value" in one.fact && one.fact["value"] !== null ? about(one, W.answered, W.answered_some) : about(one, W.cleared, W.cleared_some);
}

function paused({ fact }: Happening): string {
  if (typeof fact["signal"] === "string") return L.says.paused_by_signal({ what: signalName(fact["signal"]) });
  return fact["connection_lost"] === true ? L.says.paused_by_loss : L.says.paused;
}

function consented({ fact }: Happening): string {
  const says = text(fact["says"]);
  return L.consents[fact["source"] === "screen" ? "screen" : "camera"][says === "agreed" || says === "unable" ? says : "declined"];
}

/** Of the plain kinds those alone that now and then say something else. */
const SAYS: Record<Exclude<FactKind, Plain>, Say> & Partial<Record<Plain, Say>> = {
  connected: ({ fact }) => (fact["node"] == null ? L.says.connected_by_calls : L.says.connected),
  answered,
  flagged: (one) => (one.fact["flagged"] === true ? about(one, L.says.flagged, L.says.flagged_some) : about(one, L.says.unflagged, L.says.unflagged_some)),
  moved: (one) => about(one, L.says.moved, L.says.moved_some),
  section_entered: (one) => section(L.says.section_entered, one),
  section_closed: (one) => section(L.says.section_closed, one),
  question_closed: (one) => about(one, L.says.question_closed, L.says.question_closed_some),
  consent_given: consented,
  observed: ({ fact }) => `${noticed(fact, "count")}${fact["warned"] === true ? L.says.and_warned : ""}`,
  alerted: ({ fact }) => L.says.alerted({ what: noticed(fact, "times") }),
  warned: (one) => scoped(one, L.says.warned, L.says.warned_section, L.says.warned_question)({ time: as.duration(number(one.fact["left_ms"])) }),
  overran: (one) => scoped(one, L.says.overran, L.says.overran_section, L.says.overran_question),
  paused,
  extended: ({ fact }) => L.says.extended({ time: as.duration(number(fact["add_ms"])) }),
  hand_marked: (one) => `${about(one, L.says.hand_marked, L.says.hand_marked_some)}${points(one)}`,
  late_decided: ({ fact }) => L.says.late_decided({ n: (fact["accepted"] as unknown[] | undefined)?.length ?? 0 }),
  assessed: (one) => `${L.says.assessed}${points(one)}`,
  completed: (one) => `${L.says.completed}${points(one)}`,
};

/** One sentence without its end. A record of a newer server is named as the server names it. */
export function happeningText(one: Happening): string {
  if (!isKnown(one.kind)) return one.kind.replaceAll("_", " ");
  const say = (SAYS as Partial<Record<FactKind, Say>>)[one.kind];
  if (say !== undefined) return say(one);
  const own: unknown = L.says[one.kind as Plain];
  return typeof own === "function" ? (own as (fact: Happening["fact"]) => string)(one.fact) : (own as string);
}

function isKnown(kind: string): kind is FactKind {
  return (FACT_KINDS as readonly string[]).includes(kind);
}

/** What staff wrote with it: a message, a reason, a remark. */
export function wordsOf({ fact }: Happening): string {
  return [fact["text"], fact["reason"], fact["remark"]].map(text).filter((words) => words !== "").join(" · ");
}
