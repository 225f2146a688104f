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

/** Two ids with one key are easily taken for each other: they differ in case, width, spaces or composition alone. */
function lookalike(id: string): string {
  // Nearly every id is plain, and a monitor of ten thousand rows looks at each several times a second.
  if (/^[!-~]*$/.test(id)) return id.toLowerCase();
  return id.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC").trim().replace(/\s+/gu, " ");
}

/** Each id that can be taken for another one of `ids`, with those others. */
export function findLookalikes(ids: Iterable<string>): ReadonlyMap<string, readonly string[]> {
  const alike = new Map<string, string[]>();
  for (const id of new Set(ids)) {
    const key = lookalike(id);
    const group = alike.get(key);
    if (group === undefined) alike.set(key, [id]);
    else group.push(id);
  }
  const others = new Map<string, readonly string[]>();
  for (const group of alike.values()) {
    if (group.length > 1) for (const id of group) others.set(id, group.filter((other) => other !== id).sort());
  }
  return others;
}

const collator = new Intl.Collator(undefined, { numeric: true });

/** The order of this browser's language; "10" comes after "9". */
export function compareNames(a: string, b: string): number {
  return collator.compare(a, b);
}
