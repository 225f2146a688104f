/** Why something was refused, as staff read it: in the language of the page, with what the server says more exactly in English. */

import type { End } from "../core/connection-state";
import { CLOSE, type Code } from "../generated/codes";
import type { Language, RefusedWords } from "../generated/words";
import { RestRefused } from "../io/rest";
import { Catalogue, type Rows } from "./catalogue";

const REFUSED: Rows<RefusedWords> = {
  en: ["files-of:words:refused/en", () => import("words:refused/en")],
  de: ["files-of:words:refused/de", () => import("words:refused/de")],
  es: ["files-of:words:refused/es", () => import("words:refused/es")],
  fr: ["files-of:words:refused/fr", () => import("words:refused/fr")],
  ar: ["files-of:words:refused/ar", () => import("words:refused/ar")],
  tr: ["files-of:words:refused/tr", () => import("words:refused/tr")],
};

const catalogue = new Catalogue(REFUSED);
let wanted: Language = "en";
let words = $state.raw<RefusedWords>({});

/** Resolves when refusals are said in this language, or can't be at the moment; until then the server's own sentences are. */
export async function speakRefusals(language: Language): Promise<void> {
  wanted = language;
  const here = catalogue.in(language).then((found) => {
    if (wanted === language) words = found;
  });
  await Promise.race([here, catalogue.missing(language)]);
}

/** Of what the server names, or says about this one case, its English sentence stands behind ours. */
export function refusedText(code: string, detail: string): string {
  const known = words[code];
  if (known === undefined) return detail;
  return detail === "" || detail === known.said ? known.here : `${known.here} \u2066${detail}\u2069`;
}

/** Closes after which the page does not come back by itself, and the refusals that say the same. */
const CLOSED: Readonly<Record<number, Code>> = {
  [CLOSE.TOKEN_EXPIRED]: "token_expired",
  [CLOSE.TOKEN_INVALID]: "token_invalid",
  [CLOSE.FORBIDDEN]: "forbidden",
  [CLOSE.NOT_FOUND]: "not_found",
  [CLOSE.PROTOCOL_ERROR]: "malformed",
};

/** Why a connection has ended for good. */
export function endText({ code, detail }: End): string {
  if (typeof code === "string") return refusedText(code, detail);
  return words[CLOSED[code] ?? ""]?.here ?? detail;
}

/** What to say of a call that failed; `otherwise`: of one that nobody answered. */
export function whyFailed(error: unknown, otherwise: string): string {
  return error instanceof RestRefused ? refusedText(error.problem.code, error.problem.detail) : otherwise;
}
