"""I9. Every chain verifies: a changed, removed or inserted byte is found.

Each record's hash is that of its predecessor's hash with its own header and the digest of its body; the body is the one
of the digest, and says what the header says; and nothing that was derived or told stands on a record that is not there
(a chain alone does not miss its own end).
"""

from collections.abc import Iterator
from hashlib import blake2b

import msgpack  # type: ignore[import-untyped]

from loadtest.checker.database import Record, hash_of, seed_hash
from loadtest.checker.evidence import Evidence, Log
from loadtest.checker.history import Told
from loadtest.checker.violations import Violation


def check(evidence: Evidence) -> Iterator[Violation]:
    told: dict[str, int] = {}
    for event in evidence.of(Told):
        told[event.attempt_id] = max(told.get(event.attempt_id, 0), event.state.seq)
    for log in evidence.logs.values():
        what = _broken(log) or log.broken or _cut(log, told.get(log.attempt_id, 0))
        if what is not None:
            yield Violation("I9", log.attempt_id, what)


def _broken(log: Log) -> str | None:
    head = seed_hash(log.attempt_id)
    for record in log.records:
        if hash_of(head, record).hex() != record.hash:
            return f"record {record.seq}: the hash does not match"
        if blake2b(record.body, digest_size=32, key=log.attempt.key).digest() != record.digest:
            return f"record {record.seq}: the body is not the one of the digest"
        if not _says_the_same(record):
            return f"record {record.seq}: header and columns are not what the body says"
        head = bytes.fromhex(record.hash)
    return None


def _says_the_same(record: Record) -> bool:
    try:
        body = msgpack.unpackb(record.body)
    except (ValueError, msgpack.UnpackException):
        return False
    return bool(body == {"by": record.by, "fact": record.fact}) and record.fact.get("t") == record.kind


def _cut(log: Log, told_seq: int) -> str | None:
    if not log.records:
        return "the log is empty"
    projected = log.attempt.projected
    last = log.records[-1].seq
    if projected is not None:
        state = log.at(projected.seq)
        if state is None:
            return f"the projection stands on record {projected.seq}, the log ends with {last}"
        if (projected.status, projected.started_at_ms, projected.ended_at_ms, projected.deadline_ms) != (
            state.status,
            state.started_at_ms,
            state.ended_at_ms,
            state.deadline_ms,
        ):
            return f"the projection is not the log at record {projected.seq}"
    return f"somebody was told of record {told_seq}, the log ends with {last}" if told_seq > last else None
