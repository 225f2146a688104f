/** The organisation's audit log as the page asks for it and shows it. */

import type { AuditEntry } from "../generated/rest";
import { formatMoment } from "./format";

/** What somebody looks for; an empty text does not limit. Instants are as the browser's field has them, in its own zone. */
export interface AuditFilter {
  kind: string;
  person: string;
  by: string;
  test: string;
  from: string;
  until: string;
}

export const NO_FILTER: AuditFilter = { kind: "", person: "", by: "", test: "", from: "", until: "" };
export const PAGE = 50;

function instant(text: string): string | null {
  const at_ms = new Date(text).getTime();
  return text === "" || Number.isNaN(at_ms) ? null : String(at_ms);
}

/** The query of one page, the newest entries first. `before` continues a list; null begins it. */
export function auditQuery(filter: AuditFilter, before: number | null): string {
  const query = new URLSearchParams({ limit: String(PAGE), before: String(before ?? Number.MAX_SAFE_INTEGER) });
  const fields = {
    kind: filter.kind,
    subject: filter.person.trim(),
    by: filter.by.trim(),
    test_id: filter.test.trim(),
    from_ms: instant(filter.from),
    until_ms: instant(filter.until),
  };
  for (const [name, value] of Object.entries(fields)) if (value !== null && value !== "") query.set(name, value);
  return query.toString();
}

/** Said elsewhere in the line: the kind. */
const ELSEWHERE: ReadonlySet<string> = new Set(["t", "who_kind"]);

/** What an entry says beside who, when and about whom: name and value, in its own order. What is nil or no is left out. */
export function detailsOf({ entry, subject }: Pick<AuditEntry, "entry" | "subject">): [string, string][] {
  return Object.entries(entry).flatMap(([name, value]): [string, string][] => {
    if (ELSEWHERE.has(name) || value === null || value === false || value === "") return [];
    if ((name === "user_id" || name === "who_id") && value === subject) return [];
    return [[name.replace(/_id$|_at_ms$/, "").replaceAll("_", " "), said(name, value)]];
  });
}

function said(name: string, value: unknown): string {
  if (value === true) return "";
  // Of another day than the first of 1970: the day is said too.
  if (name.endsWith("_at_ms") && typeof value === "number") return formatMoment(value, 0);
  return Array.isArray(value) ? value.join(", ") : String(value);
}
