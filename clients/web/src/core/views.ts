/** Views of a room under names of their own, as the device keeps them: what is looked for, the order and the columns, as fields of an address. */

import { readView, withView } from "./address";
import { DEFAULT_COLUMNS } from "./columns";
import type { View } from "./monitor";

export interface NamedView {
  name: string;
  fields: string;
}

export const MAX_NAME = 40;
/** More than a person finds her way in. */
const MOST = 50;

/** What the device has kept. Whatever is not that is passed over. */
export function recalledViews(kept: string | null): readonly NamedView[] {
  const found: unknown = JSON.parse(kept ?? "[]");
  return Array.isArray(found) ? found.filter(isNamed) : [];
}

function isNamed(found: unknown): found is NamedView {
  if (typeof found !== "object" || found === null) return false;
  const { name, fields } = found as Partial<Record<keyof NamedView, unknown>>;
  return typeof name === "string" && typeof fields === "string";
}

export function fieldsOf(view: View): string {
  return withView(new URLSearchParams(), view).toString();
}

export function viewOf({ fields }: NamedView): View {
  return readView(new URLSearchParams(fields), DEFAULT_COLUMNS);
}

/** With this one, in the place of one of the same name. */
export function withNamed(views: readonly NamedView[], name: string, view: View): readonly NamedView[] {
  const named = { name: name.trim().slice(0, MAX_NAME), fields: fieldsOf(view) };
  const at = views.findIndex((one) => one.name === named.name);
  return at < 0 ? [...views, named].slice(-MOST) : views.map((one, n) => (n === at ? named : one));
}

/** The one that shows what is shown now; null: none does. */
export function nameOf(views: readonly NamedView[], view: View): string | null {
  const fields = fieldsOf(view);
  return views.find((one) => one.fields === fields)?.name ?? null;
}
