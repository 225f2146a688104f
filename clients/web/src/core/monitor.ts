/**
 * What the monitor page knows: one row per attempt. Of two rows about one attempt the one with the greater (seq, tick)
 * is newer, so it does not matter in which order, or how often, rows arrive.
 *
 * The roster of a new connection may have fewer records of an attempt than this page knows: its node is behind for some
 * seconds, or the database was restored from an older copy. So the page keeps what it knows, and believes the server where
 * nothing newer has come and it still speaks `BELIEVE_MS` later.
 */

import type { Roster, Row } from "../generated/messages";
import { DEFAULT_COLUMNS, type Column } from "./columns";
import { concernsStaff, type Concern } from "./concerns";
import type { Known } from "./known";
import { whereaboutOf, type Whereabout } from "./roster";
import { compareNames, searchable } from "./names";
import { rank } from "./ranks";
import type { Moment } from "./row";

export function isNewer(row: Row, than: Row): boolean {
  return row.seq > than.seq || (row.seq === than.seq && row.tick > than.tick);
}

export class Rows {
  private rows = new Map<string, Row>();
  /** What a server says that knows fewer records than this page. */
  private doubted = new Map<string, Row>();
  /** What a new connection tells, until its first roster is complete and takes the place of `rows`. */
  private fresh: Map<string, Row> | null = new Map();
  /** Attempts named since the present roster began; null: no roster is under way. */
  private named: Set<string> | null = null;
  private parts_seen = new Set<number>();

  /** Whether a whole roster has arrived on this connection. */
  get complete(): boolean {
    return this.fresh === null;
  }

  all(): Row[] {
    // The very first roster is shown as it comes.
    return [...(this.fresh !== null && this.rows.size === 0 ? this.fresh : this.rows).values()];
  }

  get(attempt_id: string): Row | undefined {
    return this.rows.get(attempt_id) ?? this.fresh?.get(attempt_id);
  }

  merge(rows: readonly Row[]): void {
    const into = this.fresh ?? this.rows;
    for (const row of rows) {
      const known = into.get(row.attempt_id);
      if (known === undefined || isNewer(row, known)) into.set(row.attempt_id, row);
      const doubted = this.doubted.get(row.attempt_id);
      if (into === this.rows && doubted !== undefined) {
        if (known === undefined || row.seq >= known.seq) this.doubted.delete(row.attempt_id);
        else if (isNewer(row, doubted)) this.doubted.set(row.attempt_id, row);
      }
      this.named?.add(row.attempt_id);
    }
  }

  /** One part of a complete picture; with the last one, rows that nobody named are gone. */
  roster({ part, parts, rows }: Roster): void {
    if (part === 0 || this.named === null) {
      this.named = new Set();
      this.parts_seen = new Set();
    }
    this.parts_seen.add(part);
    this.merge(rows);
    if (this.parts_seen.size < parts) return;
    if (this.fresh !== null) this.rows = this.newestOf(this.fresh);
    this.fresh = null;
    for (const attempt_id of this.rows.keys()) if (!this.named.has(attempt_id)) this.rows.delete(attempt_id);
    this.named = null;
  }

  /** A new connection: its first roster says whose rows have gone. */
  restart(): void {
    this.fresh = new Map();
    this.doubted = new Map();
    this.named = null;
  }

  /** `BELIEVE_MS` after a roster: what the server still says of attempts of which this page knew more. */
  believe(): void {
    for (const [attempt_id, row] of this.doubted) this.rows.set(attempt_id, row);
    this.doubted = new Map();
  }

  /** The row of each attempt that the roster names, but where it has fewer records: ticks are counted anew by a new server. */
  private newestOf(fresh: Map<string, Row>): Map<string, Row> {
    for (const [attempt_id, row] of fresh) {
      const known = this.rows.get(attempt_id);
      if (known === undefined || known.seq <= row.seq) continue;
      this.doubted.set(attempt_id, row);
      fresh.set(attempt_id, known);
    }
    return fresh;
  }
}

export interface View {
  sort: Column;
  descending: boolean;
  text: string;
  /** Empty: every status. */
  statuses: ReadonlySet<string>;
  /** Only those who concern staff for this; null: all. */
  concern: Concern | null;
  /** Only those who are there (`roster`); null: all. */
  where: Whereabout | null;
  place: Place;
  /** Those that are shown, in their order. */
  columns: readonly Column[];
}

/** A part of the room: an open section, a branch, a group with its members' user ids; null: every one. */
export interface Place {
  section: string | null;
  branch: string | null;
  group: Group | null;
}

export interface Group {
  group_id: string;
  title: string;
  user_ids: ReadonlySet<string>;
}

export const EVERYWHERE: Place = { section: null, branch: null, group: null };

export function isIn({ section, branch, group }: Place, row: Row): boolean {
  return (
    (section === null || row.section_id === section) &&
    (branch === null || row.branch_id === branch) &&
    (group === null || group.user_ids.has(row.user_id))
  );
}

/** The open sections and the branches of the rows, in their order. */
export function placesOf(rows: readonly Row[]): { sections: string[]; branches: string[] } {
  const sections = new Set<string>();
  const branches = new Set<string>();
  for (const { section_id, branch_id } of rows) {
    if (section_id != null) sections.add(section_id);
    if (branch_id != null) branches.add(branch_id);
  }
  return { sections: [...sections].sort(compareNames), branches: [...branches].sort(compareNames) };
}

export const DEFAULT_VIEW: View = { sort: "name", descending: false, text: "", statuses: new Set(), concern: null, where: null, place: EVERYWHERE, columns: DEFAULT_COLUMNS };

function matches(row: Row, words: readonly string[], { statuses, concern, where, place }: View, known: Known, moment: Moment): boolean {
  if (!isIn(place, row)) return false;
  if (statuses.size > 0 && !statuses.has(row.status)) return false;
  if (where !== null && whereaboutOf(row) !== where) return false;
  if (concern !== null && !concernsStaff(concern, row, moment)) return false;
  if (words.length === 0) return true;
  const text = known.text(row);
  return words.every((word) => text.includes(word));
}

/** The rows to show, in order. Equal ones stand in the order of their names, then ids, so that nothing jumps. */
export function select(rows: readonly Row[], view: View, known: Known, moment: Moment): Row[] {
  const words = searchable(view.text).split(/\s+/).filter((word) => word !== "");
  const ranked = rows
    .filter((row) => matches(row, words, view, known, moment))
    .map((row) => ({ row, key: rank(row, view.sort, moment.now), name: known.rank(row) }));
  const sign = view.descending ? -1 : 1;
  const by_name = view.sort === "name" ? sign : 1;
  ranked.sort((a, b) => (a.key !== b.key ? (a.key < b.key ? -sign : sign) : (a.name - b.name) * by_name));
  return ranked.map(({ row }) => row);
}

export function countByStatus(rows: readonly Row[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(row.status, (counts.get(row.status) ?? 0) + 1);
  return counts;
}
