"""What the simulated database says in the end, as the checker's plain data."""

import json
from collections import Counter, defaultdict
from typing import Any, Final

import msgpack  # type: ignore[import-untyped]
from sqlalchemy import Connection, select

from loadtest.checker.database import (
    Attempt,
    BulkAct,
    Database,
    OutboxEvent,
    Projected,
    Record,
    Regrade,
    Result,
    ResultVersion,
    Target,
    record_of,
)
from storage.columns import pack_id
from storage.schema import (
    audit_log,
    bulk_acts,
    bulk_targets,
    outbox,
    regrades,
    result_versions,
    results,
    test_attempts,
)
from storage.schema import events as told

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
    for row in connection.execute(select(told).where(told.c.lane != "").order_by(told.c.position)):
        events[row.lane].append(OutboxEvent(event_id=row.event_id, topic=row.topic))
    for row in connection.execute(select(outbox).order_by(outbox.c.attempt_id, outbox.c.seq)):
        events[row.attempt_id].append(OutboxEvent(event_id=f"{row.attempt_id}:{row.seq}", topic=row.topic))
    versions: dict[str, list[ResultVersion]] = defaultdict(list)
    for row in connection.execute(select(result_versions).order_by(result_versions.c.version)):
        versions[row.attempt_id].append(_version(row))
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
                versions=versions[row.attempt_id],
            )
            for row in connection.execute(select(test_attempts).order_by(test_attempts.c.attempt_id))
        ],
        acts=_acts(connection),
        regrades=[
            Regrade(**{name: getattr(row, name) for name in Regrade.__struct_fields__})
            for row in connection.execute(select(regrades).order_by(regrades.c.regrade_id))
        ],
    )


def _acts(connection: Connection) -> list[BulkAct]:
    targets: dict[tuple[str, str], list[Target]] = defaultdict(list)
    for row in connection.execute(select(bulk_targets).order_by(bulk_targets.c.attempt_id)):
        targets[row.org_id, row.bulk_id].append(Target(attempt_id=row.attempt_id, outcome=row.outcome))
    granted = _granted(connection)
    return [
        BulkAct(
            org_id=row.org_id,
            bulk_id=row.bulk_id,
            command=order["t"],
            total=row.total,
            done=row.done,
            refused=row.refused,
            ended=row.ended_at_ms is not None,
            targets=targets[row.org_id, row.bulk_id],
            granted=_of_act(granted, row) if order["t"] == "grant_attempt" else None,
        )
        for row in connection.execute(select(bulk_acts).order_by(bulk_acts.c.bulk_id))
        for order in (json.loads(row.order),)
    ]


Grants = Counter[tuple[str, str, str]]
"""(organisation, reason, user) → how often what she has beyond the rules was changed for that reason."""


def _granted(connection: Connection) -> Grants:
    changed = select(audit_log).where(audit_log.c.kind == "override_changed", audit_log.c.body.is_not(None))
    said = [(row.org_id, msgpack.unpackb(row.body)["entry"]) for row in connection.execute(changed)]
    return Counter((org_id, entry["reason"], entry["who_id"]) for org_id, entry in said)


def _of_act(granted: Grants, act: Any) -> dict[str, int]:
    reason = json.loads(act.order)["reason"]
    return {user: times for (org_id, why, user), times in granted.items() if (org_id, why) == (act.org_id, reason)}


def _version(row: Any) -> ResultVersion:
    marks = json.loads(row.result)["marks"]
    by_hand = {
        mark["question_id"]: (mark.get("given") or mark)["score_mpt"] for mark in marks if mark["marked_by"] is not None
    }
    return ResultVersion(
        version=row.version,
        seq=row.seq,
        key_version=row.key_version,
        score_mpt=row.score_mpt,
        max_mpt=row.max_mpt,
        by_hand=by_hand,
    )


def _result(row: Any) -> Result:
    told = json.loads(row.result)
    return Result(
        reference=told["reference"], complete=told["complete"], score_mpt=told["score_mpt"], max_mpt=told["max_mpt"]
    )
