/**
 * What the candidate's page says, in the language that it speaks. Another language is said as soon as it is here, wherever a template or
 * a `$derived` reads from here.
 */

import type { Why } from "../core/candidate";
import { Formats } from "../core/formats";
import { directionOf } from "../core/languages";
import type { Language, LaterWords, PageWords } from "../generated/words";
import { Code, fetchFile } from "../io/code";
import { device } from "../io/device";

type Rows<Words> = Record<Language, [files: string, load: () => Promise<{ default: Words }>]>;

const PAGES: Rows<PageWords> = {
  en: ["files-of:words:page/en", () => import("words:page/en")],
};

/** What is not said at once: of some kinds of questions, and of refusals. */
const LATER: Rows<LaterWords> = {
  en: ["files-of:words:later/en", () => import("words:later/en")],
};

/** One catalogue in all languages, each of them loaded when it is asked for, and once. */
class Catalogue<Words> {
  private readonly known = new Map<Language, Promise<Words>>();

  constructor(private readonly rows: Rows<Words>) {}

  in(language: Language): Promise<Words> {
    const words = this.known.get(language) ?? this.load(...this.rows[language]);
    this.known.set(language, words);
    return words;
  }

  private load(files: string, load: () => Promise<{ default: Words }>): Promise<Words> {
    return new Promise((resolve) => {
      // Without a build nothing has been put in the place of the name.
      const addresses = files.startsWith("files-of:") ? [] : files.split(" ");
      new Code(addresses, async () => (await load()).default, fetchFile, device, (state) => {
        if (state.kind === "ready") resolve(state.code);
      }).want();
    });
  }
}

const pages = new Catalogue(PAGES);
const laters = new Catalogue(LATER);

let wanted: Language = "en";
let language = $state.raw<Language>("en");
let page = $state.raw<PageWords>();
let later = $state.raw<LaterWords>();
let formats = $state.raw(new Formats("en"));

/** Speaks this language from when its words are here, and resolves then. What is said later is fetched after that. */
export async function speak(asked: Language): Promise<void> {
  wanted = asked;
  const words = await pages.in(asked);
  if (wanted !== asked) return;
  [language, page, formats] = [asked, words, new Formats(asked)];
  if (typeof document !== "undefined") Object.assign(document.documentElement, { lang: asked, dir: directionOf(asked) });
  void laterWords();
}

/** Resolves when everything can be said. */
export async function laterWords(): Promise<void> {
  const asked = wanted;
  const words = await laters.in(asked);
  if (wanted === asked) later = words;
}

export const spoken = {
  get language(): Language {
    return language;
  },
};

/** Reads a group of words from the catalogue that is spoken. */
const from = <Words extends object>(catalogue: () => Words | undefined): Words =>
  new Proxy({} as Words, { get: (_, group) => catalogue()?.[group as keyof Words] });

export const S = from(() => page);
/** Choosing, and putting in order. */
export const L = from(() => later?.choosing);
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
/** Files that are handed in. */
export const F = from(() => later?.files);

/** Numbers, times and lists, as the spoken language writes them. */
export const as = {
  number: (value: number): string => formats.number(value),
  points: (mpt: number): string => formats.points(mpt),
  duration: (duration_ms: number): string => formats.duration(duration_ms),
  clock: (at_ms: number): string => formats.clock(at_ms),
  moment: (at_ms: number, now_ms: number): string => formats.moment(at_ms, now_ms),
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
