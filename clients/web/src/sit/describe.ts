/** Answers and sections in words. Answers are said whole: two of them may differ at their ends alone. */

import { isAnswered, LATE, type Save } from "../core/candidate";
import type { DecimalSign, Reading } from "../core/numbers";
import { overLength, partOf } from "../core/parts";
import { isRich, textOf } from "../core/rich";
import type { PartValue, Value } from "../generated/messages";
import type { Option, Paper, PaperInteraction, PaperQuestion, PaperSection, Spot } from "../generated/rest";
import { gapsIn, hotsIn, plainText } from "../core/places";
import { as, E, refusal, S } from "./words.svelte";

export function describe(question: PaperQuestion, value: Value): string {
  if (!isAnswered(value) || value === null) return "–";
  return question.interactions.map((asked) => words(asked, partOf(question, value, asked.response_id))).join("; ");
}

function words(asked: PaperInteraction, part: PartValue | null): string {
  if (part === null || !isAnswered(part)) return "–";
  if (asked.type === "upload") return S.question.file;
  if (isRich(asked) && typeof part === "string") return textOf(part);
  const [one, other] = names(asked);
  if (!Array.isArray(part)) return one(part);
  if (asked.type === "gap_match") {
    const filled = new Map(part.map((pair) => [pair[1], pair[0] ?? ""]));
    return gapsIn(asked.text).map((gap) => one(filled.get(gap) ?? "") || "–").join(", ");
  }
  if (asked.type === "point") return part.map((at) => S.question.at({ x: at[0] ?? "", y: at[1] ?? "" })).join("; ");
  const link = LINKS[asked.type] ?? " → ";
  return part.map((each) => (typeof each === "string" ? one(each) : `${one(each[0] ?? "")}${link}${other(each[1] ?? "")}`)).join(", ");
}

/** Between the ends of a pair. */
const LINKS: Partial<Record<PaperInteraction["type"], string>> = { associate: " – ", graphic_associate: " – " };

type Name = (id: string) => string;

/** What is said for an id; where an answer is pairs, at either end of them. */
function names(asked: PaperInteraction): [Name, Name] {
  if (asked.type === "hottext") return both(new Map(hotsIn(asked.text)));
  if (asked.type === "match") return [both(said(asked.rows))[0], both(said(asked.columns))[1]];
  if ("spots" in asked) {
    const spots = both(new Map(asked.spots.map(({ spot_id, label = "" }, at) => [spot_id, label === "" ? S.question.spot({ place: at + 1 }) : label])));
    return "choices" in asked ? [both(said(asked.choices))[0], spots[1]] : spots;
  }
  return both(said("options" in asked ? asked.options : "choices" in asked ? asked.choices : []));
}

const said = (options: readonly Option[]): Map<string, string> => new Map(options.map(({ option_id, body }) => [option_id, plainText(body)]));

function both(known: ReadonlyMap<string, string>): [Name, Name] {
  const name: Name = (id) => known.get(id) ?? id;
  return [name, name];
}

/** "Part 2 of 3": the title is the author's, and stands by itself. */
export function nameOf(paper: Paper, section: PaperSection): string {
  return S.section.part({ number: numberOf(paper, section), total: paper.sections.length });
}

/** "part 2", within a sentence. */
export function shortNameOf(paper: Paper, section: PaperSection): string {
  return S.section.short({ number: numberOf(paper, section) });
}

function numberOf(paper: Paper, section: PaperSection): number {
  return paper.sections.indexOf(section) + 1;
}

/** What a spot is called: by its author, or by its place among the others. */
export function spotName(spots: readonly Spot[], { spot_id, label = "" }: Spot): string {
  return label === "" ? S.question.spot({ place: spots.findIndex((spot) => spot.spot_id === spot_id) + 1 }) : label;
}

export function notNumber(sign: DecimalSign): string {
  return S.question.notNumber({ sign: sign === "," ? "comma" : sign === "." ? "point" : "either" });
}

export function readAs({ number, other }: Reading): string {
  return other === null ? S.question.readAs({ number }) : S.question.readAsNot({ number, other });
}

/** How many words there are, and how many are asked for. */
export function wordsOf(n: number, least: number | null, most: number | null): string {
  const words = S.question.words({ n });
  if (least !== null && most !== null) return S.question.wordsBetween({ words, least, most });
  if (least !== null) return S.question.wordsLeast({ words, least });
  return most === null ? words : S.question.wordsMost({ words, most });
}

/** Why an answer was not saved. The page finds out by itself that one is too long, and that another device has answered too. */
export function whyRefused({ code, detail }: Extract<Save, { kind: "refused" }>, question: PaperQuestion | undefined, value: Value): string {
  if (code === LATE) return E.sent;
  if (detail !== "") return refusal(code, detail);
  if (code === "number_reused") return S.save.elsewhere;
  const over = question === undefined ? 0 : overLength(question, value);
  return S.save.tooLong({ n: over, many: as.number(over) });
}
