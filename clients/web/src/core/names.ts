/** Names of people, compared and searched as people do: accents, case and width make no difference to a search. */

/** Letters that are no base letter with a mark, and are typed without it all the same. */
const PLAIN: Readonly<Record<string, string>> = {
  ß: "ss", æ: "ae", œ: "oe", ø: "o", ł: "l", đ: "d", ð: "d", þ: "th", ı: "i", ŋ: "n", ħ: "h",
};

/** The text as a search sees it: "Łukasz Müller" and "lukasz muller" are the same. */
export function searchable(text: string): string {
  const bare = text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");
  return bare.replace(/[^\x00-\x7f]/gu, (letter) => PLAIN[letter] ?? letter);
}

const collator = new Intl.Collator(undefined, { numeric: true });

/** The order of this browser's language; "10" comes after "9". */
export function compareNames(a: string, b: string): number {
  return collator.compare(a, b);
}
