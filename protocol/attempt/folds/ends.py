"""How an attempt ends. Every end stops the clocks, and is named by a reference."""

from protocol.attempt.chain import reference
from protocol.attempt.clocks import run_on, stand
from protocol.attempt.early import ran_until
from protocol.attempt.facts import Abandoned, Absent, Accepted, Cancelled, Expired, Record, Reinstated, Submitted
from protocol.attempt.folds import Changes
from protocol.attempt.model import Attempt, Pause, Status, Voided
from protocol.attempt.places import question_at_hand


def submitted(a: Attempt, record: Record, fact: Submitted) -> Changes:
    return _end(a, record, Status.SUBMITTED, record.entry.at_ms, None)


def expired(a: Attempt, record: Record, fact: Expired) -> Changes:
    # Of the clock alone nobody says anything; who collects a paper may say nothing.
    said = fact.said if a.collected or fact.said else None
    return {**_end(a, record, Status.EXPIRED, fact.at_ms, said), "ended_by_staff": a.collected}


def abandoned(a: Attempt, record: Record, fact: Abandoned) -> Changes:
    return _end(a, record, Status.ABANDONED, fact.at_ms, None)


def accepted(a: Attempt, record: Record, fact: Accepted) -> Changes:
    return {"ended_as": Status.SUBMITTED, "end_said": fact.said or ""}


def cancelled(a: Attempt, record: Record, fact: Cancelled) -> Changes:
    at_ms, pause = record.entry.at_ms, a.pause
    lost_ms = max(0, at_ms - pause.since_ms) if pause is not None and pause.connection_lost else 0
    by_staff = pause is not None and not pause.connection_lost and not pause.until_return
    return {
        **_end(a, record, Status.CANCELLED, at_ms, fact.said or ""),
        "counts": fact.counts,
        "pause_used_ms": a.pause_used_ms + lost_ms,
        "voided": Voided(a.status, stand(a.clocks, at_ms), a.collected, a.end_said, by_staff),
    }


def absent(a: Attempt, record: Record, fact: Absent) -> Changes:
    return {**_end(a, record, Status.ABSENT, fact.at_ms, None), "counts": False}


def reinstated(a: Attempt, record: Record, fact: Reinstated) -> Changes:
    again: Changes = {
        "ended_at_ms": None,
        "ended_as": None,
        "end_said": None,
        "reference": None,
        "counts": True,
        "voided": None,
    }
    before, at_ms = a.voided, record.entry.at_ms
    if before is None or before.status is Status.INITIATED:
        return {**again, "status": Status.INITIATED}
    again |= {"collected": before.collected, "end_said": before.end_said}
    is_away = fact.on_return and a.connection_id is None
    if before.paused_by_staff or is_away:
        pause = Pause(at_ms, False, until_return=not before.paused_by_staff)
        return {**again, "status": Status.PAUSED, "pause": pause, "clocks": before.clocks}
    clocks = run_on(a.pinned, before.clocks, question_at_hand(a), at_ms)
    return {**again, "status": Status.IN_PROGRESS, "running_since_ms": at_ms, "clocks": clocks}


def _end(a: Attempt, record: Record, ended_as: Status, ended_at_ms: int, said: str | None) -> Changes:
    return {
        "ran_ms": ran_until(a, ended_at_ms),
        "ended_as": ended_as,
        "ended_at_ms": ended_at_ms,
        "end_said": said,
        "reference": reference(record.hash),
        "clocks": (),
        "collected": False,
        "pause": None,
        "hand": None,
        "lost_ms": None,
    }
