/** Tables as CSV (RFC 4180), for programs that take a text with an equals sign for a formula. */

/** What a spreadsheet would calculate instead of showing it: at the beginning, and behind what parts cells elsewhere. As
 * in `protocol/tables.py`. */
const FORMULA = /(^|[;|\t\r\n])(?=["\s]*[=+\-@＝＋－＠])/g;
const BLANK = /^[\t\r\n]/;

function cell(text: string): string {
  const safe = text.replaceAll(FORMULA, "$1'");
  const shown = BLANK.test(safe) ? `'${safe}` : safe;
  return /[",\r\n]/.test(shown) ? `"${shown.replaceAll('"', '""')}"` : shown;
}

/** With a mark at its beginning by which spreadsheets know UTF-8. */
export function csvOf(rows: readonly (readonly string[])[]): string {
  return `\ufeff${rows.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}
