"""What the simulated database says in the end, as the checker's plain data."""

import json
from collections import defaultdict
from typing import Any, Final

from sqlalchemy import Connection, select

from loadtest.checker.database import Attempt, Database, OutboxEvent, Projected, Record, Result, record_of
from storage.columns import pack_id
from storage.schema import outbox, results, test_attempts

_RECORDS: Final = (
    "SELECT attempt_id, seq, at_ms, written_at_ms, kind, role, digest, body, hash FROM attempt_log"
    " ORDER BY attempt_id, seq"
)
_KEYS: Final = "SELECT attempt_id, key FROM attempt_keys"


def read_out(connection: Connection) -> Database:
    """Everything of every attempt."""
    records: dict[bytes, list[Record]] = defaultdict(list)
    keys: dict[bytes, bytes] = {row[0]: row[1] for row in connection.exec_driver_sql(_KEYS)}
    for packed, *columns in connection.exec_driver_sql(_RECORDS):
        records[packed].append(record_of(*columns))
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
                key=keys[pack_id(row.attempt_id)],
                records=records[pack_id(row.attempt_id)],
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
