/** Words in all languages, of which a page fetches those that it speaks. */

import type { Language } from "../generated/words";
import { Code, fetchFile } from "../io/code";
import { device } from "../io/device";

/** For each language the files of its words, which the build names, and what loads them. */
export type Rows<Words> = Record<Language, [files: string, load: () => Promise<{ default: Words }>]>;

export const filesOf = ([files]: [string, unknown]): string[] => (files.startsWith("files-of:") ? [] : files.split(" "));

/** One catalogue in all languages, each of them loaded when it is asked for, and once. */
export class Catalogue<Words> {
  private readonly known = new Map<Language, { here: Promise<Words>; missing: Promise<void> }>();

  /** `given`: the words of one language may come with the document. */
  constructor(
    private readonly rows: Rows<Words>,
    private readonly given?: { language: string; words: Promise<Words | undefined> },
  ) {}

  in(language: Language): Promise<Words> {
    return this.asked(language).here;
  }

  /** Resolves when the language is asked for and can't be fetched at the moment. */
  missing(language: Language): Promise<void> {
    return this.asked(language).missing;
  }

  private asked(language: Language): { here: Promise<Words>; missing: Promise<void> } {
    const known = this.known.get(language) ?? this.load(this.rows[language], this.given?.language === language ? this.given.words : Promise.resolve(undefined));
    this.known.set(language, known);
    return known;
  }

  private load(row: Rows<Words>[Language], given: Promise<Words | undefined>): { here: Promise<Words>; missing: Promise<void> } {
    let lacks: () => void;
    const missing = new Promise<void>((resolve) => (lacks = resolve));
    const here = new Promise<Words>((resolve) => {
      // Without a build nothing has been put in the place of the name.
      const code = new Code(filesOf(row), async () => (await row[1]()).default, fetchFile, device, (state) => {
        if (state.kind === "ready") resolve(state.code);
        if (state.kind === "missing") lacks();
      });
      void given.then((words) => (words === undefined ? code.want() : resolve(words)));
    });
    return { here, missing };
  }
}

/** Reads a group of words from what is spoken when it is read. */
export const from = <Words extends object>(spoken: () => Words | undefined): Words =>
  new Proxy({} as Words, { get: (_, group) => spoken()?.[group as keyof Words] });
