"""The clock: when it runs, when it stands, and which warnings it has given."""

from msgspec.structs import replace

from protocol.attempt.deadlines import deadline_after, deadline_at_start, left_at, moot_warnings
from protocol.attempt.facts import Collected, Extended, Paused, Record, Reopened, Resumed, Started, Warned
from protocol.attempt.folds import Changes
from protocol.attempt.model import Attempt, Pause


def started(a: Attempt, record: Record, fact: Started) -> Changes:
    at_ms = record.entry.at_ms
    return {"started_at_ms": at_ms, **_runs(a, deadline_at_start(a.terms, at_ms), at_ms)}


def paused(a: Attempt, record: Record, fact: Paused) -> Changes:
    return {
        "pause": Pause(fact.at_ms, left_at(a.deadline_ms, fact.at_ms), fact.connection_lost),
        "deadline_ms": None,
    }


def resumed(a: Attempt, record: Record, fact: Resumed) -> Changes:
    pause = a.pause
    left_ms = pause.left_ms if pause is not None else None
    used_ms = fact.at_ms - pause.since_ms if pause is not None and pause.connection_lost else 0
    return {
        "pause": None,
        "pause_used_ms": a.pause_used_ms + used_ms,
        **_runs(a, deadline_after(left_ms, fact.at_ms), fact.at_ms),
    }


def extended(a: Attempt, record: Record, fact: Extended) -> Changes:
    pause = a.pause
    if pause is not None and pause.left_ms is not None:
        pause = replace(pause, left_ms=pause.left_ms + fact.add_ms)
    deadline_ms = None if a.deadline_ms is None else a.deadline_ms + fact.add_ms
    return {"pause": pause, **_ends(a, deadline_ms, record.entry.at_ms)}


def collected(a: Attempt, record: Record, fact: Collected) -> Changes:
    return {"collected": True, "end_reason": fact.reason, **_ends(a, fact.at_ms, record.entry.at_ms)}


def reopened(a: Attempt, record: Record, fact: Reopened) -> Changes:
    at_ms = record.entry.at_ms
    return {
        "ended_at_ms": None,
        "ended_as": None,
        "end_reason": None,
        "reference": None,
        "score_mpt": None,
        "max_mpt": None,
        "awaiting_marks": 0,
        "hand_marks": {},
        **_runs(a, at_ms + fact.left_ms, at_ms),
    }


def warned(a: Attempt, record: Record, fact: Warned) -> Changes:
    moot = tuple(left for left in a.terms.warnings_ms if left in a.warned or left >= fact.left_ms)
    return {"warned": moot, "warning": (fact.left_ms, fact.deadline_ms)}


def _runs(a: Attempt, deadline_ms: int | None, since_ms: int) -> Changes:
    return {"running_since_ms": since_ms, **_ends(a, deadline_ms, since_ms)}


def _ends(a: Attempt, deadline_ms: int | None, at_ms: int) -> Changes:
    """A deadline that is in force from `at_ms` on brings back the warnings that lie ahead of it."""
    return {"deadline_ms": deadline_ms, "warned": moot_warnings(a.terms, deadline_ms, at_ms)}
