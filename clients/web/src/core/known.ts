/**
 * What costs time to work out of the rows of a room, and seldom changes: the order of the names, the texts that a search
 * looks at, and ids that look alike. It is worked out anew for whoever came, went, or is called otherwise.
 */

import type { Row } from "../generated/messages";
import { compareNames, findLookalikes, searchable } from "./names";

interface Entry {
  attempt_id: string;
  user_id: string;
  name: string;
  shown: string;
  text: string;
  rank: number;
}

/** By name, then by id, so that nothing jumps. */
function compare(one: Entry, other: Entry): number {
  const names = compareNames(one.shown, other.shown);
  if (names !== 0) return names;
  return one.attempt_id < other.attempt_id ? -1 : one.attempt_id > other.attempt_id ? 1 : 0;
}

export class Known {
  /** Each user id of the rows that can be taken for another candidate's, with those others. */
  lookalikes: ReadonlyMap<string, readonly string[]> = new Map();
  private entries = new Map<string, Entry>();
  /** By name. */
  private order: Entry[] = [];

  /** Takes these rows for all that there are. */
  look(rows: readonly Row[]): this {
    const came = rows.filter((row) => !this.knows(row));
    if (came.length === 0 && rows.length === this.entries.size) return this;
    const there = new Set(rows.map(({ attempt_id }) => attempt_id));
    const fresh = came.map(entryOf);
    for (const { attempt_id } of fresh) there.delete(attempt_id);
    const stayed = this.order.filter(({ attempt_id }) => there.has(attempt_id));
    this.order = merged(stayed, fresh.sort(compare));
    this.order.forEach((entry, rank) => (entry.rank = rank));
    this.entries = new Map(this.order.map((entry) => [entry.attempt_id, entry]));
    this.lookalikes = findLookalikes(this.order.map(({ user_id }) => user_id));
    return this;
  }

  /** Its place in the order of the names. */
  rank({ attempt_id }: Row): number {
    return this.entries.get(attempt_id)?.rank ?? 0;
  }

  /** What a search looks at. */
  text({ attempt_id }: Row): string {
    return this.entries.get(attempt_id)?.text ?? "";
  }

  private knows({ attempt_id, user_id, name }: Row): boolean {
    const entry = this.entries.get(attempt_id);
    return entry !== undefined && entry.name === name && entry.user_id === user_id;
  }
}

function entryOf({ attempt_id, user_id, name }: Row): Entry {
  const shown = name === "" ? user_id : name;
  return { attempt_id, user_id, name, shown, text: searchable(`${name} ${user_id} ${attempt_id}`), rank: 0 };
}

/** Two lists in order as one. */
function merged(one: readonly Entry[], other: readonly Entry[]): Entry[] {
  const both: Entry[] = [];
  let at = 0;
  for (const entry of one) {
    for (let next = other[at]; next !== undefined && compare(next, entry) < 0; next = other[++at]) both.push(next);
    both.push(entry);
  }
  return both.concat(other.slice(at));
}
