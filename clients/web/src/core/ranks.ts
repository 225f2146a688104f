/** In which order the rows of a room stand, by each of its columns. */

import type { Row } from "../generated/messages";
import type { Column } from "./columns";
import { hasHeard, lastContact } from "./row";

/** The order in which staff care: who sits, who waits, who is done. */
export const STATUSES = ["in_progress", "paused", "initiated", "submitted", "expired", "completed", "abandoned", "cancelled", "absent"] as const;
const CONNECTIONS = ["offline", "unknown", "online"];
const MESSAGES = ["queued", "delivered", "seen"];

/** When the clock of a row runs out, for sorting: standing clocks count from now. */
function endsAt(row: Row, server_now: number): number {
  if (row.deadline_ms !== null) return row.deadline_ms;
  return row.left_ms !== null ? server_now + row.left_ms : Number.MAX_SAFE_INTEGER;
}

/** What two rows are compared by; a column has numbers alone, or texts alone. */
export function rank(row: Row, column: Column, server_now: number): number | string {
  switch (column) {
    case "name":
      return 0; // by the names alone, which decide between equals anyhow
    case "status":
      return (STATUSES as readonly string[]).indexOf(row.status);
    case "connection":
      return CONNECTIONS.indexOf(row.connection);
    case "question":
      return row.question_index;
    case "answered":
      return row.total === 0 ? 0 : row.answered / row.total;
    case "left":
      return endsAt(row, server_now);
    case "seen":
      return lastContact(row)?.at_ms ?? 0;
    case "message":
      return row.message === null ? -1 : MESSAGES.indexOf(row.message);
    case "score":
      return row.score_mpt ?? -1;
    case "user":
      return row.user_id;
    case "attempt":
      return row.attempt_number;
    case "section":
      return row.section_id ?? "";
    case "branch":
      return row.branch_id ?? "";
    case "flagged":
      return row.flagged;
    case "started":
      return row.started_at_ms ?? Number.MAX_SAFE_INTEGER;
    case "ended":
      return row.ended_at_ms ?? Number.MAX_SAFE_INTEGER;
    case "granted":
      return row.accommodation == null ? 1 : 0;
    case "warnings":
      return -(row.warnings?.length ?? 0);
    case "act":
      return row.act == null ? Number.MAX_SAFE_INTEGER : hasHeard(row) === false ? 0 : 1;
  }
}
