/** The calls about people, for staff: who may sit a test, in which groups, and what is granted. */

import type {
  EnrolmentBody,
  EnrolmentList,
  EnrolmentReply,
  GroupList,
  GroupReply,
  MemberList,
  MemberReply,
  OverrideBody,
  OverrideList,
  OverrideReply,
  Removed,
  RosterReply,
} from "../generated/rest";
import type { Rest } from "./rest";

const PAGE = 100;

/** A person or a group. */
export interface Who {
  kind: "user" | "group";
  id: string;
}

const named = ({ kind, id }: Who): { user_id: string } | { group_id: string } => (kind === "user" ? { user_id: id } : { group_id: id });

function query(fields: Record<string, string | null>): string {
  const said = Object.entries(fields).filter((field): field is [string, string] => field[1] !== null);
  return new URLSearchParams(said).toString();
}

export class PeopleRest {
  constructor(
    private readonly rest: Rest,
    private readonly test_id: string,
  ) {}

  roster(csv: string, dry_run: boolean): Promise<RosterReply> {
    return this.rest.request("POST", "/rosters", "RosterReply", { test_id: this.test_id, csv, dry_run });
  }

  overrides(after: string | null): Promise<OverrideList> {
    return this.rest.request("GET", `${this.grants}?${query({ after, limit: String(PAGE) })}`, "OverrideList");
  }

  /** `seen`: the tag of what is granted already, all of which it replaces; null: nothing is. */
  grant(who: Who, body: OverrideBody, seen: string | null): Promise<OverrideReply> {
    return this.rest.request("PUT", this.grantPath(who), "OverrideReply", body, seen);
  }

  takeBack(who: Who, seen: string): Promise<Removed> {
    return this.rest.request("DELETE", this.grantPath(who), "Removed", undefined, seen);
  }

  enrolments(after: string | null): Promise<EnrolmentList> {
    const asked = query({ test_id: this.test_id, after, limit: String(PAGE) });
    return this.rest.request("GET", `/enrolments?${asked}`, "EnrolmentList");
  }

  enrol(who: Who, said: Pick<EnrolmentBody, "access_code" | "form_id">): Promise<EnrolmentReply> {
    return this.rest.request("PUT", "/enrolments", "EnrolmentReply", { test_id: this.test_id, ...named(who), ...said });
  }

  unenrol(who: Who): Promise<Removed> {
    return this.rest.request("DELETE", `/enrolments?${query({ test_id: this.test_id, ...named(who) })}`, "Removed");
  }

  groups(after: string | null): Promise<GroupList> {
    return this.rest.request("GET", `/groups?${query({ after, limit: String(PAGE) })}`, "GroupList");
  }

  putGroup(group_id: string, title: string): Promise<GroupReply> {
    return this.rest.request("PUT", this.groupPath(group_id), "GroupReply", { title });
  }

  removeGroup(group_id: string): Promise<Removed> {
    return this.rest.request("DELETE", this.groupPath(group_id), "Removed");
  }

  members(group_id: string, after: string | null): Promise<MemberList> {
    const asked = query({ after, limit: String(PAGE) });
    return this.rest.request("GET", `${this.groupPath(group_id)}/members?${asked}`, "MemberList");
  }

  join(group_id: string, user_id: string): Promise<MemberReply> {
    return this.rest.request("PUT", this.memberPath(group_id, user_id), "MemberReply");
  }

  leave(group_id: string, user_id: string): Promise<Removed> {
    return this.rest.request("DELETE", this.memberPath(group_id, user_id), "Removed");
  }

  private get grants(): string {
    return `/tests/${encodeURIComponent(this.test_id)}/overrides`;
  }

  private grantPath({ kind, id }: Who): string {
    return `${this.grants}/${kind}s/${encodeURIComponent(id)}`;
  }

  private groupPath(group_id: string): string {
    return `/groups/${encodeURIComponent(group_id)}`;
  }

  private memberPath(group_id: string, user_id: string): string {
    return `${this.groupPath(group_id)}/members/${encodeURIComponent(user_id)}`;
  }
}
