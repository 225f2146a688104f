/** Which of its languages the page speaks. */

import { LANGUAGES, type Language } from "../generated/words";

/** Each by its own name, so that whoever speaks it finds it. */
export const LANGUAGE_NAMES: Record<Language, string> = { en: "English", de: "Deutsch", es: "Español", fr: "Français", ar: "العربية", tr: "Türkçe" };

const RIGHT_TO_LEFT: ReadonlySet<string> = new Set(["ar"]);

/** The first of these tags ("de-AT", "pt") whose language the page has; else English. */
export function languageOf(tags: readonly string[]): Language {
  for (const tag of tags) {
    const found = LANGUAGES.find((language) => language === tag.toLowerCase().split("-")[0]);
    if (found !== undefined) return found;
  }
  return "en";
}

export function directionOf(language: Language): "ltr" | "rtl" {
  return RIGHT_TO_LEFT.has(language) ? "rtl" : "ltr";
}
