"""How an attempt ends, and how it is opened again."""

from typing import Any, Final

from loadtest.checker.database import Record, reference
from loadtest.checker.granting import under
from loadtest.checker.kinds.kind import OPEN, SAT, SITTING, Changes, Kind, Step, nothing, shows
from loadtest.checker.state import State, Void
from loadtest.checker.timers import collect, deadlines, go_on, of_the_test, restretched


def _collected(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    return {"timers": collect(state.timers, fact["at_ms"]), "collected": True, "said": fact.get("said") or ""}


def _said(status: str, state: State, fact: dict[str, Any]) -> str | None:
    """None: staff did not end it."""
    told: str = fact.get("said") or ""
    return told if status == "cancelled" or (status == "expired" and (state.collected or told)) else None


def _ended(status: str) -> Step:
    def end(state: State, record: Record, fact: dict[str, Any]) -> Changes:
        ended_at_ms = fact["at_ms"] if status in ("expired", "absent", "abandoned") else record.at_ms
        return {
            "status": status,
            "ended_at_ms": ended_at_ms,
            "ran_ms": state.ran_until(ended_at_ms),
            "ended_as": status,
            "said": _said(status, state, fact),
            "reference": reference(record.hash),
            "timers": (),
            "collected": False,
            "ended_by_staff": state.collected and status == "expired",
            "standing_since_ms": None,
            "paused_for": None,
            "forgotten_ms": None,
            **shows(state, hand=None),
        }

    return end


def _cancelled(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    timers = tuple(timer.stopped(record.at_ms) for timer in state.timers)
    by_staff = state.status == "paused" and not state.connection_lost and not state.until_return
    void = Void(state.status, timers, state.collected, state.said, by_staff)
    counts = {"void_counts": fact.get("counts", False), "stood_ms": state.with_pause(record.at_ms)}
    return {**_ended("cancelled")(state, record, fact), "void": void, **counts}


def _accepted(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    return {"status": "submitted", "ended_as": "submitted", "said": fact.get("said") or ""}


def _reinstated(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    void = state.void
    again: Changes = {"void": None, "ended_at_ms": None, "ended_as": None, "said": None, "reference": None}
    if void is None or void.status == "initiated":
        return {**again, "status": "initiated"}
    again |= {"collected": void.collected, "said": void.said}
    waits = fact["on_return"] and state.connection_id is None
    if void.by_staff or waits:
        stands: Changes = {"standing_since_ms": record.at_ms, "connection_lost": False}
        return {**again, **stands, "status": "paused", "timers": void.timers, "until_return": not void.by_staff}
    timers = go_on(void.timers, state.here, record.at_ms)
    return {
        **again,
        "status": "in_progress",
        "timers": timers,
        "standing_since_ms": None,
        "running_since_ms": record.at_ms,
    }


def _reopened(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    closed = state.closed_sections
    open_again = {"open_section": closed[-1], "closed_sections": closed[:-1]} if state.sections_are_closed else {}
    left_ms = fact["left_ms"]
    timers = () if left_ms is None else of_the_test(record.at_ms + left_ms)
    granted = fact.get("accommodation") or state.granted
    terms = under(state.test_terms, granted)
    assert state.paper is not None
    assert state.started_at_ms is not None
    given_ms, soft = state.given_ms, bool(terms.get("soft"))
    limited = under(state.test_terms, {**granted, "unlimited_time": False})
    whole_ms = deadlines(limited, state.started_at_ms, soft=soft)["test"]
    if left_ms is not None and whole_ms is not None:
        # What the whole would have had to be given to have so much left now.
        given_ms = left_ms + state.ran_ms - (whole_ms - state.started_at_ms)
    taken_in = {
        "granted": granted,
        "terms": terms,
        "paper": restretched(state.paper, terms),
        "given_ms": given_ms,
        "section_given_ms": None,
        "limit_given": left_ms is not None and bool(terms.get("unlimited_time")),
    }
    goes_on: Changes = {"status": "in_progress", "running_since_ms": record.at_ms, "timers": timers}
    if fact.get("on_return", False) and state.connection_id is None:
        goes_on = {
            "status": "paused",
            "standing_since_ms": record.at_ms,
            "connection_lost": False,
            "until_return": True,
            "timers": tuple(timer.stopped(record.at_ms) for timer in timers),
        }
    return {
        **open_again,
        **taken_in,
        **goes_on,
        "ended_at_ms": None,
        "ended_as": None,
        "said": None,
        "reference": None,
        "score_mpt": None,
        "max_mpt": None,
        "awaiting": 0,
    }


KINDS: Final[dict[str, Kind]] = {
    "collected": Kind("end", frozenset({"in_progress"}), _collected, told=True, act=True),
    "submitted": Kind("submit", frozenset({"in_progress"}), _ended("submitted"), told=True),
    "expired": Kind(None, SITTING, _ended("expired"), told=True),
    "abandoned": Kind(None, frozenset({"in_progress"}), _ended("abandoned"), told=True),
    "accepted": Kind("accept", frozenset({"abandoned"}), _accepted, told=True, act=True),
    "cancelled": Kind("cancel", OPEN, _cancelled, told=True, act=True),
    "absent": Kind(None, frozenset({"initiated"}), _ended("absent"), told=True),
    "reinstated": Kind("reinstate", frozenset({"cancelled", "absent"}), _reinstated, told=True, act=True),
    "reopened": Kind("reopen", SAT | {"abandoned"}, _reopened, told=True, act=True, gives="left_ms"),
    "archived": Kind(None, frozenset({"completed", "cancelled", "absent", "abandoned"}), nothing, told=False),
    "erased": Kind(None, SAT | {"initiated", "cancelled", "absent", "abandoned"}, nothing, told=False),
}
