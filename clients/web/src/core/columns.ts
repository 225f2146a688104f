/** The columns of the room's list: which there are, which are shown, and in which order. */

export const COLUMNS = [
  "name",
  "status",
  "connection",
  "question",
  "answered",
  "left",
  "seen",
  "message",
  "score",
  "user",
  "attempt",
  "section",
  "branch",
  "flagged",
  "started",
  "ended",
  "granted",
  "warnings",
  "act",
] as const;
export type Column = (typeof COLUMNS)[number];

/** Says whose row it is, so it is always there, and comes first. */
export const FIRST: Column = "name";

export const DEFAULT_COLUMNS: readonly Column[] = COLUMNS.slice(0, 9);
/** What a row says first: where there is little room, and nobody has chosen. */
const TABLET: readonly Column[] = DEFAULT_COLUMNS.slice(0, 6);
const PHONE: readonly Column[] = ["name", "status", "connection", "answered", "left"];

/** Where the page is shown: a phone has rows of two lines, which have room for these alone. */
export type Width = "phone" | "tablet" | "desk";

export function columnsAt(width: Width, chosen: readonly Column[]): readonly Column[] {
  if (width === "phone") return PHONE;
  return width === "tablet" && isDefault(chosen) ? TABLET : chosen;
}

export function isDefault(chosen: readonly Column[]): boolean {
  return chosen.join() === DEFAULT_COLUMNS.join();
}

/** Those that a text names, each once, the first one first; what nobody knows is passed over. */
export function readColumns(text: string): readonly Column[] {
  const named = text.split(",").filter((name): name is Column => (COLUMNS as readonly string[]).includes(name));
  return [...new Set([FIRST, ...named])];
}

/** With the column at the end, or without it. */
export function toggledColumn(chosen: readonly Column[], column: Column): readonly Column[] {
  if (column === FIRST) return chosen;
  return chosen.includes(column) ? chosen.filter((one) => one !== column) : [...chosen, column];
}

/** With the column one place further to the front (-1) or the back (1). The first one stays where it is. */
export function movedColumn(chosen: readonly Column[], column: Column, by: -1 | 1): readonly Column[] {
  const at = chosen.indexOf(column);
  const to = at + by;
  if (at < 1 || to < 1 || to >= chosen.length) return chosen;
  const moved = [...chosen];
  moved.splice(at, 1);
  moved.splice(to, 0, column);
  return moved;
}

/** The least width of each, in rem, and its share of what is left. */
const WIDTHS: Readonly<Record<Column, readonly [least: number, share: number]>> = {
  name: [8, 2.2],
  status: [6, 1],
  connection: [6, 1],
  question: [4.5, 0],
  answered: [6, 1.2],
  left: [5.5, 0],
  seen: [6.5, 0.8],
  message: [8, 1],
  score: [5.5, 0.8],
  user: [8, 1],
  attempt: [4.5, 0],
  section: [6, 0.8],
  branch: [6, 0.8],
  flagged: [4.5, 0],
  started: [5.5, 0],
  ended: [5.5, 0],
  granted: [8, 1],
  warnings: [5.5, 0],
  act: [8, 1],
};
/** The button of a row. */
const MENU = 2.75;
const GAP = 0.75;
const MARGINS = 3;

/** What a grid of these columns and the rows' buttons is told, in CSS: its columns, how wide it is at least, and its columns on paper. */
export function gridOf(columns: readonly Column[]): { columns: string; least: string; printed: string } {
  const widths = columns.map((column) => WIDTHS[column]);
  const track = ([least, share]: readonly [number, number]): string => (share === 0 ? `${least}rem` : `minmax(${least}rem, ${share}fr)`);
  return {
    columns: [...widths.map(track), `${MENU}rem`].join(" "),
    least: `${widths.reduce((sum, [least]) => sum + least + GAP, MENU) + MARGINS}rem`,
    printed: widths.map(([least]) => `minmax(0, ${least}fr)`).join(" "),
  };
}
