"""How an attempt ends. Every end stops the clocks, and is named by a reference."""

from protocol.attempt.chain import reference
from protocol.attempt.facts import Cancelled, Expired, Record, Submitted
from protocol.attempt.folds import Changes
from protocol.attempt.model import Attempt, Status


def submitted(a: Attempt, record: Record, fact: Submitted) -> Changes:
    return _end(record, Status.SUBMITTED, record.entry.at_ms, None)


def expired(a: Attempt, record: Record, fact: Expired) -> Changes:
    return _end(record, Status.EXPIRED, fact.at_ms, fact.reason or None)


def cancelled(a: Attempt, record: Record, fact: Cancelled) -> Changes:
    return _end(record, Status.CANCELLED, record.entry.at_ms, fact.reason)


def _end(record: Record, ended_as: Status, ended_at_ms: int, reason: str | None) -> Changes:
    return {
        "ended_as": ended_as,
        "ended_at_ms": ended_at_ms,
        "end_reason": reason,
        "reference": reference(record.hash),
        "clocks": (),
        "collected": False,
        "pause": None,
        "hand": None,
    }
