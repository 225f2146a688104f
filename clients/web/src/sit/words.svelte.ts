/**
 * What the candidate's page says, in the language that it speaks. Another language is said as soon as it is here, wherever a template or
 * a `$derived` reads from here.
 */

import type { Why } from "../core/candidate";
import { Formats } from "../core/formats";
import { directionOf } from "../core/languages";
import type { Language, LaterWords, PageWords } from "../generated/words";
import { Catalogue, filesOf, from, type Rows } from "../shared/catalogue";

const PAGES: Rows<PageWords> = {
  en: ["files-of:words:page/en", () => import("words:page/en")],
  de: ["files-of:words:page/de", () => import("words:page/de")],
  es: ["files-of:words:page/es", () => import("words:page/es")],
  fr: ["files-of:words:page/fr", () => import("words:page/fr")],
  ar: ["files-of:words:page/ar", () => import("words:page/ar")],
  tr: ["files-of:words:page/tr", () => import("words:page/tr")],
};

/** What is not said at once: of some kinds of questions, and of refusals. */
const LATER: Rows<LaterWords> = {
  en: ["files-of:words:later/en", () => import("words:later/en")],
  de: ["files-of:words:later/de", () => import("words:later/de")],
  es: ["files-of:words:later/es", () => import("words:later/es")],
  fr: ["files-of:words:later/fr", () => import("words:later/fr")],
  ar: ["files-of:words:later/ar", () => import("words:later/ar")],
  tr: ["files-of:words:later/tr", () => import("words:later/tr")],
};

declare global {
  interface Window {
    /** What the page says at once, in the language of its document: the build writes it into that. */
    words?: PageWords;
  }
}

/** What stands in the document has run when that is read; where something on the way has changed it, the browser leaves it out. */
async function inDocument(): Promise<PageWords | undefined> {
  if (document.readyState !== "complete") await new Promise((read) => document.addEventListener("DOMContentLoaded", read));
  return window.words;
}

const pages = new Catalogue(PAGES, typeof document === "undefined" ? undefined : { language: document.documentElement.lang, words: inDocument() });
const laters = new Catalogue(LATER);

let wanted: Language = "en";
let language = $state.raw<Language>("en");
let page = $state.raw<PageWords>();
let later = $state.raw<LaterWords>();
let formats = $state.raw(new Formats("en"));

/**
 * Speaks this language from when its words are here, and resolves then. What is said later is fetched when somebody asks for it; a page
 * that speaks already changes in one go. Where the first language can't be fetched, English is spoken until it is there.
 */
export async function speak(asked: Language): Promise<void> {
  wanted = asked;
  if (page !== undefined) {
    const [words, others] = await Promise.all([pages.in(asked), laters.in(asked)]);
    if (wanted === asked) say(asked, words, others);
    return;
  }
  const here = pages.in(asked).then((words) => {
    if (wanted === asked) say(asked, words);
  });
  const instead = pages.missing(asked).then(async () => {
    const words = await pages.in("en");
    if (page === undefined) say("en", words);
  });
  await Promise.race(asked === "en" ? [here] : [here, instead]);
}

function say(now: Language, words: PageWords, others: LaterWords | undefined = later): void {
  [language, page, later, formats] = [now, words, others, new Formats(now)];
  if (typeof document !== "undefined") Object.assign(document.documentElement, { lang: now, dir: directionOf(now) });
}

/** Resolves when everything can be said. */
export async function laterWords(): Promise<void> {
  const asked = language;
  const words = await laters.in(asked);
  if (language === asked) later = words;
}

/** The files of the language that is spoken, which the browser's own copy of the page does not have; English is part of it. */
export function spokenFiles(): string[] {
  return language === "en" ? [] : [...filesOf(PAGES[language]), ...filesOf(LATER[language])];
}

export const spoken = {
  get language(): Language {
    return language;
  },
};

export const S = from(() => page);
/** Choosing, and putting in order. */
export const L = from(() => later?.choosing);
/** The candidate's own settings. */
export const G = from(() => later?.settings);
/** Looking through before one hands in. */
export const V = from(() => later?.review);
/** What may be done from an instant on. */
export const W = from(() => later?.early);
/** Between two parts. */
export const B = from(() => later?.between);
/** How it ended. */
export const O = from(() => later?.outcome);
/** Which of several attempts counts. */
export const N = from(() => later?.counting);
/** Pictures and scales. */
export const P = from(() => later?.pictures);
/** The leaderboard. */
export const J = from(() => later?.leaderboard);
/** The signed confirmation. */
export const C = from(() => later?.confirmation);
/** The receipt. */
export const R = from(() => later?.receipt);
/** What a device is ready for. */
export const Y = from(() => later?.ready);
/** The divider between a passage and its question. */
export const D = from(() => later?.divider);
/** The tools beside the questions. */
export const T = from(() => later?.tools);
/** What comes after the end. */
export const E = from(() => later?.late);
/** What is noticed while she sits. */
export const Z = from(() => later?.watched);
/** Pictures from her camera and of her screen. */
export const K = from(() => later?.captures);
/** What wrong answers take away. */
export const Q = from(() => later?.costs);
/** Writing rich text. */
export const X = from(() => later?.rich);
/** Files that are handed in. */
export const F = from(() => later?.files);

/** Numbers, times and lists, as the spoken language writes them. */
export const as = {
  number: (value: number): string => formats.number(value),
  points: (mpt: number): string => formats.points(mpt),
  duration: (duration_ms: number): string => formats.duration(duration_ms),
  clock: (at_ms: number): string => formats.clock(at_ms),
  moment: (at_ms: number, now_ms: number): string => formats.moment(at_ms, now_ms),
  day: (at_ms: number): string => formats.day(at_ms),
  instant: (at_ms: number): string => formats.instant(at_ms),
  wait: (wait_ms: number): string => formats.wait(wait_ms),
  size: (bytes: number): string => formats.size(bytes),
  listed: (parts: readonly string[], type: Intl.ListFormatType = "conjunction"): string => formats.listed(parts, { type }),
};

/** Why something was refused. The server says it in English, and sometimes more exactly than a sentence for its code can; what only programs understand the catalogue says in English too. */
export function refusal(code: string, detail: string): string {
  return later?.refusals[code] ?? detail;
}

export const refusalOf = ({ code, detail }: Why): string => refusal(code, detail);
