/** What staff find first, in the language that they chose on this device for the monitor, else in one of the browser's. */

import { Formats } from "../core/formats";
import { directionOf, languageOf } from "../core/languages";
import type { HomeWords, Language } from "../generated/words";
import { BrowserStorage } from "../io/browser-storage";
import { Catalogue, from, type Rows } from "../shared/catalogue";
import { speakRefusals } from "../shared/refused.svelte";

const KEY = "pencilsdown monitor language";
const storage = new BrowserStorage(() => localStorage);

const HOME: Rows<HomeWords> = {
  en: ["files-of:words:home/en", () => import("words:home/en")],
  de: ["files-of:words:home/de", () => import("words:home/de")],
  es: ["files-of:words:home/es", () => import("words:home/es")],
  fr: ["files-of:words:home/fr", () => import("words:home/fr")],
  ar: ["files-of:words:home/ar", () => import("words:home/ar")],
  tr: ["files-of:words:home/tr", () => import("words:home/tr")],
};

const catalogue = new Catalogue(HOME);
let wanted: Language = "en";
let words = $state.raw<HomeWords>();
let formats = $state.raw(new Formats("en"));
let language = $state.raw<Language>("en");

export function usualLanguage(): Language {
  return languageOf([storage.getItem(KEY) ?? "", ...navigator.languages]);
}

/** Speaks this language from when its words are here. Where the first one can't be fetched, it is English until it can. */
export async function speak(asked: Language): Promise<void> {
  wanted = asked;
  const own = catalogue.in(asked).then((found) => {
    if (wanted === asked) say(asked, found);
  });
  const instead = catalogue.missing(asked).then(async () => {
    const found = await catalogue.in("en");
    if (words === undefined) say("en", found);
  });
  await Promise.all([speakRefusals(asked), Promise.race(asked === "en" ? [own] : [own, instead])]);
}

function say(now: Language, found: HomeWords): void {
  [language, words, formats] = [now, found, new Formats(now)];
  Object.assign(document.documentElement, { lang: now, dir: directionOf(now) });
}

/** As somebody has chosen it, for this device. */
export function choose(asked: Language): void {
  storage.setItem(KEY, asked);
  void speak(asked);
}

export const spoken = {
  get language(): Language {
    return language;
  },
};

export const H = from(() => words?.home);

export const as = {
  number: (value: number): string => formats.number(value),
  clock: (at_ms: number): string => formats.clock(at_ms),
  moment: (at_ms: number, now_ms: number): string => formats.moment(at_ms, now_ms),
  duration: (duration_ms: number): string => formats.duration(duration_ms),
};
