/**
 * How a room is looked at, as fields of the page's address: a reload keeps it, and a link can be given to a colleague.
 * What was searched for is not among them: it is mostly a name, and addresses are kept in the browser's history.
 */

import { CONCERNS, type Concern } from "./concerns";
import { ROSTER, type Whereabout } from "./roster";
import { COLUMNS, isDefault, readColumns, type Column } from "./columns";
import { DEFAULT_VIEW, EVERYWHERE, type View } from "./monitor";
import { STATUSES } from "./ranks";

const FIELDS = ["sort", "down", "status", "only", "where", "section", "branch", "group", "columns"] as const;

/** The fields without those of a view, and with those in which this one differs from the default. */
export function withView(fields: URLSearchParams, { sort, descending, statuses, concern, where, place, columns }: View): URLSearchParams {
  const all = new URLSearchParams(fields);
  for (const name of FIELDS) all.delete(name);
  if (sort !== DEFAULT_VIEW.sort) all.set("sort", sort);
  if (descending) all.set("down", "1");
  for (const status of statuses) all.append("status", status);
  if (concern !== null) all.set("only", concern);
  if (where !== null) all.set("where", where);
  if (place.section !== null) all.set("section", place.section);
  if (place.branch !== null) all.set("branch", place.branch);
  if (place.group !== null) all.set("group", place.group.group_id);
  if (!isDefault(columns)) all.set("columns", columns.join(","));
  return all;
}

/**
 * The view that the fields name; what they name and nobody knows is passed over. Who is in a group is not known yet. `columns` are shown where
 * the fields name none.
 */
export function readView(fields: URLSearchParams, columns: readonly Column[] = DEFAULT_VIEW.columns): View {
  const sort = fields.get("sort") ?? "";
  const concern = fields.get("only") ?? "";
  const where = fields.get("where") ?? "";
  const group_id = fields.get("group");
  const named = fields.get("columns");
  return {
    ...DEFAULT_VIEW,
    sort: isSort(sort) ? sort : DEFAULT_VIEW.sort,
    descending: fields.has("down"),
    statuses: new Set(fields.getAll("status").filter((status) => (STATUSES as readonly string[]).includes(status))),
    concern: isConcern(concern) ? concern : null,
    where: isWhereabout(where) ? where : null,
    columns: named === null ? columns : readColumns(named),
    place: {
      ...EVERYWHERE,
      section: fields.get("section") || null,
      branch: fields.get("branch") || null,
      group: group_id ? { group_id, title: group_id, user_ids: new Set() } : null,
    },
  };
}

function isSort(name: string): name is Column {
  return (COLUMNS as readonly string[]).includes(name);
}

function isWhereabout(name: string): name is Whereabout {
  return (ROSTER as readonly string[]).includes(name);
}

function isConcern(name: string): name is Concern {
  return Object.hasOwn(CONCERNS, name);
}
