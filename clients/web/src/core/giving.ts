/** A token that staff give somebody, as the form has it. */

import type { TokenBody, TokenReply } from "../generated/rest";

const HOUR_MS = 3_600_000;

export interface TokenForm {
  role: string;
  user: string;
  name: string;
  /** Ids with commas between them; empty: as far as the giver's own token reaches. */
  branches: string;
  tests: string;
  groups: string;
  hours: number;
}

function listed(text: string): string[] | null {
  const ids = text.split(",").map((id) => id.trim()).filter((id) => id !== "");
  return ids.length === 0 ? null : ids;
}

/** The call's body; null: something is missing. */
export function tokenBody(form: TokenForm): TokenBody | null {
  if (form.role === "" || form.user.trim() === "" || !(form.hours > 0)) return null;
  return {
    role: form.role,
    user_id: form.user.trim(),
    name: form.name.trim() === "" ? null : form.name.trim(),
    branches: listed(form.branches),
    tests: listed(form.tests),
    groups: form.role === "candidate" ? null : listed(form.groups),
    lifetime_ms: Math.round(form.hours * HOUR_MS),
  };
}

/** The link that opens with the token: the candidate's page, or the monitor. It names the test where there is one. */
export function linkOf({ token, role, tests }: Pick<TokenReply, "token" | "role" | "tests">, origin: string): string {
  const fields = new URLSearchParams();
  const [test, ...others] = tests ?? [];
  if (test !== undefined && others.length === 0) fields.set("test", test);
  fields.set("token", token);
  return `${origin}/${role === "candidate" ? "sit" : "monitor"}#${fields.toString()}`;
}
