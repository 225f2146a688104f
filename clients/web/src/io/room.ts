/** The calls about the room of a test, for staff. */

import type { ExpectedList, IncidentPage, PapersReply, RoomGroups, ScheduleWarnings, SeenAlerts, SeenAlertsList } from "../generated/rest";
import type { Rest } from "./rest";

export class RoomRest {
  private readonly test: string;

  constructor(
    private readonly rest: Rest,
    test_id: string,
  ) {
    this.test = `/tests/${encodeURIComponent(test_id)}`;
  }

  /** Who is enrolled and has no attempt yet: a page of them, and how many there are. */
  expected({ group_id, branch_id, after }: Record<"group_id" | "branch_id" | "after", string | null>): Promise<ExpectedList> {
    const query = new URLSearchParams({ ...(group_id === null ? {} : { group_id }), ...(branch_id === null ? {} : { branch_id }), ...(after === null ? {} : { after }) });
    return this.rest.request("GET", `${this.test}/expected?${query.toString()}`, "ExpectedList");
  }

  /** Which alerts staff have seen. */
  alertsSeen(): Promise<SeenAlertsList> {
    return this.rest.request("GET", `${this.test}/alerts-seen`, "SeenAlertsList");
  }

  /** The alerts of an attempt until then have been seen; null: they have not. */
  markAlertsSeen(attempt_id: string, until_ms: number | null): Promise<SeenAlerts> {
    return this.rest.request("PUT", `/test-attempts/${encodeURIComponent(attempt_id)}/alerts-seen`, "SeenAlerts", { until_ms });
  }

  /** Who can't have the whole time, or the form, that she is to have. */
  scheduleWarnings(): Promise<ScheduleWarnings> {
    return this.rest.request("GET", `${this.test}/schedule-warnings`, "ScheduleWarnings");
  }

  /** Outages of the server, and who lost how much time by them; a page of the attempts. */
  incidents(after: string | null): Promise<IncidentPage> {
    const query = new URLSearchParams(after === null ? {} : { after });
    return this.rest.request("GET", `${this.test}/incidents?${query.toString()}`, "IncidentPage");
  }

  /** Whether two attempts had equal papers. */
  papers(attempt: string, other: string): Promise<PapersReply> {
    const query = new URLSearchParams({ attempt, other });
    return this.rest.request("GET", `${this.test}/papers?${query.toString()}`, "PapersReply");
  }

  /** The groups of those who have an attempt. */
  groups(): Promise<RoomGroups> {
    return this.rest.request("GET", `${this.test}/groups`, "RoomGroups");
  }
}
