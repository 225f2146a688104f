"""What the simulated database says in the end, as the checker's plain data."""

import json
from collections import defaultdict
from typing import Any

from sqlalchemy import Connection, select

from loadtest.checker.database import Attempt, Database, OutboxEvent, Projected, Record, Result, record_of
from storage.schema import attempt_log, outbox, results, test_attempts


def read_out(connection: Connection) -> Database:
    """Everything of every attempt."""
    records: dict[str, list[Record]] = defaultdict(list)
    for row in connection.execute(select(attempt_log).order_by(attempt_log.c.attempt_id, attempt_log.c.seq)):
        records[row.attempt_id].append(record_of(row.seq, row.at_ms, row.written_at_ms, row.kind, row.data, row.hash))
    events: dict[str, list[OutboxEvent]] = defaultdict(list)
    for row in connection.execute(select(outbox).order_by(outbox.c.attempt_id, outbox.c.seq)):
        events[row.attempt_id].append(OutboxEvent(event_id=f"{row.attempt_id}:{row.seq}", topic=row.topic))
    kept = {row.attempt_id: _result(row) for row in connection.execute(select(results))}
    return Database(
        attempts=[
            Attempt(
                attempt_id=row.attempt_id,
                org_id=row.org_id,
                test_id=row.test_id,
                records=records[row.attempt_id],
                projected=Projected(
                    seq=row.seq,
                    status=row.status,
                    started_at_ms=row.start_time,
                    ended_at_ms=row.submit_time,
                    deadline_ms=row.expires_at,
                ),
                outbox=events[row.attempt_id],
                result=kept.get(row.attempt_id),
                result_read=True,
            )
            for row in connection.execute(select(test_attempts).order_by(test_attempts.c.attempt_id))
        ]
    )


def _result(row: Any) -> Result:
    told = json.loads(row.result)
    return Result(
        reference=told["reference"], complete=told["complete"], score_mpt=told["score_mpt"], max_mpt=told["max_mpt"]
    )
