/**
 * What staff read, in the language that they chose on this device, else in one of the browser's. What stands beside questions
 * is said by the candidate's page, in the same language.
 */

import type { Action, Asked } from "../core/actions";
import type { BulkAction } from "../core/bulk";
import type { Column } from "../core/columns";
import type { Concern } from "../core/concerns";
import type { Shown } from "../core/connection-state";
import { languageOf } from "../core/languages";
import type { Whereabout } from "../core/roster";
import type { Doubt } from "../core/statistics";
import type { NotCounted, QueuedAnswer, Skill, Undefined } from "../generated/rest";
import type { Signal } from "../generated/signals";
import type { Language, LooksWords, MonitorWords } from "../generated/words";
import { BrowserStorage } from "../io/browser-storage";
import { Catalogue, from, type Rows } from "../shared/catalogue";
import { speakRefusals } from "../shared/refused.svelte";
import { as as formats, speak as speakBesideQuestions, spoken } from "../sit/words.svelte";

const ROWS: Rows<MonitorWords> = {
  en: ["files-of:words:monitor/en", () => import("words:monitor/en")],
  de: ["files-of:words:monitor/de", () => import("words:monitor/de")],
  es: ["files-of:words:monitor/es", () => import("words:monitor/es")],
  fr: ["files-of:words:monitor/fr", () => import("words:monitor/fr")],
  ar: ["files-of:words:monitor/ar", () => import("words:monitor/ar")],
  tr: ["files-of:words:monitor/tr", () => import("words:monitor/tr")],
};
/** What is said on pages that are loaded when somebody looks at them. */
const LOOKS: Rows<LooksWords> = {
  en: ["files-of:words:looks/en", () => import("words:looks/en")],
  de: ["files-of:words:looks/de", () => import("words:looks/de")],
  es: ["files-of:words:looks/es", () => import("words:looks/es")],
  fr: ["files-of:words:looks/fr", () => import("words:looks/fr")],
  ar: ["files-of:words:looks/ar", () => import("words:looks/ar")],
  tr: ["files-of:words:looks/tr", () => import("words:looks/tr")],
};
const KEY = "pencilsdown monitor language";

const catalogue = new Catalogue(ROWS);
const looking = new Catalogue(LOOKS);
const storage = new BrowserStorage(() => localStorage);
let words = $state.raw<MonitorWords>();
let looks = $state.raw<LooksWords>();
let wanted: Language = "en";

export function usualLanguage(): Language {
  return languageOf([storage.getItem(KEY) ?? "", ...navigator.languages]);
}

/** Speaks this language from when its words are here, and resolves then. Where the first one can't be fetched, it is English until it can. */
export async function speak(asked: Language): Promise<void> {
  wanted = asked;
  const own = catalogue.in(asked).then(async (found) => {
    const others = looks === undefined ? undefined : await looking.in(asked);
    await speakBesideQuestions(asked);
    if (wanted === asked) [words, looks] = [found, others ?? looks];
  });
  const instead = catalogue.missing(asked).then(async () => {
    const [found] = await Promise.all([catalogue.in("en"), speakBesideQuestions("en")]);
    words ??= found;
  });
  await Promise.all([speakRefusals(asked), Promise.race(asked === "en" ? [own] : [own, instead])]);
}

/** Resolves when all can be said that is on pages which are loaded later. */
export async function lookWords(): Promise<void> {
  const asked = spoken.language;
  const found = await looking.in(asked);
  if (spoken.language === asked) looks = found;
  else await lookWords();
}

/** As somebody has chosen it, for this device. */
export function choose(language: Language): void {
  storage.setItem(KEY, language);
  void speak(language);
}

export { spoken };

/** The room, and what is done in it. */
export const S = from(() => words?.room);

/** The organisation, and who sits its tests. */
export const office = from(() => words?.office);
export const people = from(() => words?.people);
/** Marks by hand, results, figures of questions, and marking again. */
export const marking = from(() => words?.marks.marking);
export const results = from(() => words?.marks.results);
export const statistics = from(() => words?.marks.statistics);
export const regrade = from(() => words?.marks.regrade);

export const live = from(() => looks?.live);
export const report = from(() => looks?.report);
export const timeline = from(() => looks?.timeline);
export const preview = from(() => looks?.preview);
export const late = from(() => looks?.late);

export const CONNECTION: Readonly<Record<Shown, string>> = from(() => words?.room.names.connection);
export const COLUMN: Readonly<Record<Column, string>> = from(() => words?.room.names.column);
export const CONCERN: Readonly<Record<Concern, string>> = from(() => words?.room.names.concern);
export const WHEREABOUT: Readonly<Record<Whereabout, string>> = from(() => words?.room.roster.names);
export const ACTION: Readonly<Record<Action, string>> = from(() => words?.room.names.action);
/** Buttons of acts on many. */
export const BULK_ACTION: Readonly<Record<BulkAction, string>> = from(() => words?.room.names.bulk_action);
/** The dialog that asks a person for what the command says, and the box that it has to tick. */
export const DIALOG: Readonly<Record<Asked, { title: string; text: string; confirm: string }>> = from(() => words?.room.asked);
export const TICK: Readonly<Partial<Record<Asked, string>>> = from(() => words?.room.names.tick);
export const SIGNAL: Readonly<Record<Signal, string>> = from(() => words?.room.names.signal);

type Named = Readonly<Record<string, string>>;
/** Of a newer server something may have a name that is not here. */
export const STATUS: Named = from(() => words?.room.names.status);
export const ROW_CONNECTION: Named = from(() => words?.room.names.online);
export const MESSAGE: Named = from(() => words?.room.names.message);
export const HAND: Named = from(() => words?.room.names.hand);
export const LINK: Named = from(() => words?.room.names.link);
export const ADMISSION: Named = from(() => words?.room.names.admission);
/** What staff did last, by the kind of its record. */
export const ACTED: Named = from(() => words?.room.names.acted);
const ROLE: Named = from(() => words?.room.names.role);

export const roleText = (role: string): string => ROLE[role] ?? role.replaceAll("_", " ");

export const KIND: Named = from(() => words?.office.kind);
export const kindText = (kind: string): string => KIND[kind] ?? kind.replaceAll("_", " ");

export const STAGE: Readonly<Record<QueuedAnswer["stage"], string>> = from(() => words?.marks.marking.stage);
/** Why a figure is not there. */
export const REASON: Readonly<Record<Undefined["reason"], string>> = from(() => words?.marks.statistics.reason);
export const LEFT_OUT: Readonly<Record<keyof NotCounted, string>> = from(() => words?.marks.statistics.left_out);
export const DOUBT: Readonly<Record<Doubt, string>> = from(() => words?.marks.statistics.doubt);

/** What was earned by a skill. */
export const skillLine = ({ score_mpt, max_mpt, questions }: Skill): string =>
  statistics.skills.line({ score: as.points(score_mpt), most: as.points(max_mpt), n: questions });

/** Numbers, times and lists, as the spoken language writes them. */
export const as = {
  ...formats,
  /** "12 s", "5 min", "3 h", "2 d": it must fit into a column. */
  brief(ms: number): string {
    const seconds = Math.floor(ms / 1000);
    if (seconds < 60) return S.units.seconds({ n: seconds });
    if (seconds < 3600) return S.units.minutes({ n: Math.floor(seconds / 60) });
    return seconds < 86_400 ? S.units.hours({ n: Math.floor(seconds / 3600) }) : S.units.days({ n: Math.floor(seconds / 86_400) });
  },
};
