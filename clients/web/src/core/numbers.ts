/**
 * How a number that a person typed is read: as `protocol/marking/numbers.py` reads it. The shared vectors
 * (`protocol/vectors/numbers.json`) hold the two against each other.
 */

export type DecimalSign = "." | "," | "either";

export interface Reading {
  /** The number with a point, without spaces. */
  number: string;
  /** What somebody else could have meant: the sign could separate thousands. Null: nothing else. */
  other: string | null;
}

const SPACES = /[ \u00a0\u2009\u202f]/g;
const GROUPED = /^([+-]?[0-9]{1,3}(?:[ \u00a0\u2009\u202f][0-9]{3})+)(?=[.,eE]|$)/;
const NUMBER = /^([+-]?)([0-9]*)(?:([.,])([0-9]*))?(?:[eE]([+-]?[0-9]{1,4}))?$/;
const ALIKE = /[\u2010-\u2013\u2212\ufe63\uff0b-\uff0e\uff10-\uff19\uff25\uff45\u0660-\u0669\u06f0-\u06f9]/g;
const MOST_CHARS = 64;
const MOST_MAGNITUDE = 300;

/** Null: it does not read as a number. */
export function readNumber(text: string, sign: DecimalSign): Reading | null {
  let plain = text
    .replace(/\p{Default_Ignorable_Code_Point}/gu, "")
    .replace(/^\p{White_Space}+|\p{White_Space}+$/gu, "")
    .replace(ALIKE, toAscii);
  const grouped = GROUPED.exec(plain)?.[1];
  if (grouped !== undefined) plain = grouped.replace(SPACES, "") + plain.slice(grouped.length);
  const found = NUMBER.exec(plain);
  if (found === null || plain.length > MOST_CHARS) return null;
  const [, given, whole = "", point, part = "", power] = found;
  if (whole + part === "" || (point !== undefined && sign !== "either" && sign !== point)) return null;
  const minus = given === "-" ? "-" : "";
  const number = spell(minus, whole + part, Number(power ?? 0) - part.length);
  if (number === null) return null;
  const groups = sign === "either" && grouped === undefined && power === undefined && part.length === 3;
  return { number, other: groups && /^[1-9][0-9]{0,2}$/.test(whole) ? spell(minus, whole + part, 0) : null };
}

function toAscii(character: string): string {
  const code = character.charCodeAt(0);
  if (code >= 0xff01) return String.fromCharCode(code - 0xfee0);
  if (code >= 0x660 && code <= 0x6f9) return String((code - (code < 0x6f0 ? 0x660 : 0x6f0)) % 10);
  return "-";
}

/** The digits times ten to the power, as it is said back; null: it is too large or too small to be read. */
function spell(minus: string, digits: string, power: number): string | null {
  const kept = digits.replace(/^0+/, "");
  const stripped = kept.replace(/0+$/, "");
  const first = kept.length + power;
  if (stripped === "") return "0";
  if (Math.abs(first - 1) > MOST_MAGNITUDE) return null;
  if (first < -5 || first > 21) {
    const part = stripped.length > 1 ? `.${stripped.slice(1)}` : "";
    return `${minus}${stripped.charAt(0)}${part}e${first - 1}`;
  }
  if (first >= stripped.length) return minus + stripped + "0".repeat(first - stripped.length);
  if (first <= 0) return `${minus}0.${"0".repeat(-first)}${stripped}`;
  return `${minus}${stripped.slice(0, first)}.${stripped.slice(first)}`;
}
