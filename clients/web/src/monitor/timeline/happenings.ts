/** What the page says of each record of an attempt. */

import type { Happening } from "../../core/timeline";
import type { FactKind } from "../../generated/kinds";
import { signalName, sizeWords } from "../signals";
import { as, timeline as L } from "../words.svelte";

type Say = (happening: Happening) => string;
type Said = (typeof L)["says"];
type Sentence = { [Key in keyof Said]: Said[Key] extends string ? Key : never }[keyof Said];

const number = (value: unknown): number => (typeof value === "number" ? value : 0);
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const plain = (key: Sentence): Say => () => L.says[key];

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

const SAYS: Record<FactKind, Say> = {
  created: plain("created"),
  started: plain("started"),
  admitted: plain("admitted"),
  absent: plain("absent"),
  connected: ({ fact }) => (fact["node"] == null ? L.says.connected_by_calls : L.says.connected),
  disconnected: plain("disconnected"),
  answered,
  flagged: (one) => (one.fact["flagged"] === true ? about(one, L.says.flagged, L.says.flagged_some) : about(one, L.says.unflagged, L.says.unflagged_some)),
  moved: (one) => about(one, L.says.moved, L.says.moved_some),
  section_entered: (one) => section(L.says.section_entered, one),
  section_closed: (one) => section(L.says.section_closed, one),
  question_closed: (one) => about(one, L.says.question_closed, L.says.question_closed_some),
  receipted: ({ fact }) => (fact["seen"] === true ? L.says.read : L.says.reached),
  hand_raised: ({ fact }) => (fact["raised"] === true ? L.says.hand_raised : L.says.hand_lowered),
  consent_given: consented,
  hand_acknowledged: plain("hand_acknowledged"),
  observed: ({ fact }) => `${noticed(fact, "count")}${fact["warned"] === true ? L.says.and_warned : ""}`,
  alerted: ({ fact }) => L.says.alerted({ what: noticed(fact, "times") }),
  warned: (one) => scoped(one, L.says.warned, L.says.warned_section, L.says.warned_question)({ time: as.duration(number(one.fact["left_ms"])) }),
  overran: (one) => scoped(one, L.says.overran, L.says.overran_section, L.says.overran_question),
  paused,
  pause_forgotten: plain("pause_forgotten"),
  resumed: plain("resumed"),
  extended: ({ fact }) => L.says.extended({ time: as.duration(number(fact["add_ms"])) }),
  messaged: plain("messaged"),
  formally_warned: plain("formally_warned"),
  submitted: plain("submitted"),
  collected: plain("collected"),
  expired: plain("expired"),
  abandoned: plain("abandoned"),
  accepted: plain("accepted"),
  cancelled: plain("cancelled"),
  reinstated: plain("reinstated"),
  reopened: plain("reopened"),
  device_allowed: plain("device_allowed"),
  hand_marked: (one) => `${about(one, L.says.hand_marked, L.says.hand_marked_some)}${points(one)}`,
  regraded: plain("regraded"),
  late_received: ({ fact }) => (fact["from_file"] === true ? L.says.late_from_file : L.says.late_received),
  late_decided: ({ fact }) => L.says.late_decided({ n: (fact["accepted"] as unknown[] | undefined)?.length ?? 0 }),
  assessed: (one) => `${L.says.assessed}${points(one)}`,
  completed: (one) => `${L.says.completed}${points(one)}`,
  accommodated: plain("accommodated"),
  retermed: plain("retermed"),
  archived: plain("archived"),
  erased: plain("erased"),
};

/** One sentence without its end. A record of a newer server is named as the server names it. */
export function happeningText(one: Happening): string {
  const say = (SAYS as Record<string, Say | undefined>)[one.kind];
  return say === undefined ? one.kind.replaceAll("_", " ") : say(one);
}

/** What staff wrote with it: a message, a reason, a remark. */
export function wordsOf({ fact }: Happening): string {
  return [fact["text"], fact["reason"], fact["remark"]].map(text).filter((words) => words !== "").join(" · ");
}
