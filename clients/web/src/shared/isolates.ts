/**
 * What is put into a sentence may run the other way than the sentence does: a name, a title, an answer. Without Unicode's isolates
 * it would take the signs around it along.
 */

const RIGHT_TO_LEFT = /[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufeff]/;

const isolated = (text: string): string => `\u2068${text}\u2069`;

export function amongLeftToRight(said: string | number): string | number {
  return typeof said === "string" && RIGHT_TO_LEFT.test(said) ? isolated(said) : said;
}

export function amongRightToLeft(said: string | number): string | number {
  return typeof said === "string" && said !== "" ? isolated(said) : said;
}
