/** What a room reads on a wall, in the language that somebody has chosen there, else in one of the browser's. */

import { Formats } from "../../core/formats";
import { directionOf, languageOf } from "../../core/languages";
import type { HallWords, Language } from "../../generated/words";
import { BrowserStorage } from "../../io/browser-storage";

const KEY = "pencilsdown wall language";
const storage = new BrowserStorage(() => localStorage);

const WORDS: Record<Language, () => Promise<{ default: HallWords }>> = {
  en: () => import("words:hall/en"),
  de: () => import("words:hall/de"),
  es: () => import("words:hall/es"),
  fr: () => import("words:hall/fr"),
  ar: () => import("words:hall/ar"),
  tr: () => import("words:hall/tr"),
};

export interface Speech {
  language: Language;
  words: HallWords["hall"];
  as: Formats;
}

export function usualLanguage(): Language {
  return languageOf([storage.getItem(KEY) ?? "", ...navigator.languages]);
}

/** Rejects where the words can't be fetched. */
export async function speech(language: Language): Promise<Speech> {
  const { default: words } = await WORDS[language]();
  storage.setItem(KEY, language);
  Object.assign(document.documentElement, { lang: language, dir: directionOf(language) });
  return { language, words: words.hall, as: new Formats(language) };
}
