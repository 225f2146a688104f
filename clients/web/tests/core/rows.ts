/** Rows for tests. */

import type { Row } from "../../src/generated/messages";

export function row(attempt_id: string, more: Partial<Row> = {}): Row {
  return {
    attempt_id,
    seq: 1,
    tick: 0,
    user_id: `user-${attempt_id}`,
    name: attempt_id.toUpperCase(),
    attempt_number: 1,
    status: "in_progress",
    connection: "online",
    question_index: 0,
    answered: 0,
    flagged: 0,
    total: 10,
    started_at_ms: 0,
    deadline_ms: 1000,
    left_ms: null,
    ended_at_ms: null,
    last_seen_ms: null,
    message: null,
    score_mpt: null,
    max_mpt: null,
    awaiting_marks: 0,
    lost_records: 0,
    link: null,
    hand: null,
    ...more,
  };
}
