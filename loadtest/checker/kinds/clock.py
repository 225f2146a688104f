"""What becomes of her clocks."""

from typing import Any, Final

from loadtest.checker.database import Record
from loadtest.checker.kinds.kind import SITTING, Changes, Kind, nothing
from loadtest.checker.state import State
from loadtest.checker.timers import extend, go_on


def _overran(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    about = (fact.get("scope", "test"), fact.get("of"))
    return {
        "timers": tuple(
            timer._replace(over=True) if (timer.scope, timer.of) == about else timer for timer in state.timers
        )
    }


def _paused(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    at_ms = fact["at_ms"]
    return {
        "status": "paused",
        "ran_ms": state.ran_until(at_ms),
        "timers": tuple(timer.stopped(at_ms) for timer in state.timers),
        "standing_since_ms": at_ms,
        "connection_lost": fact["connection_lost"],
        "paused_for": fact.get("signal"),
        "until_return": False,
        "forgotten_ms": None,
    }


def _pause_forgotten(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    return {"forgotten_ms": fact["at_ms"]}


def _resumed(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    timers = go_on(state.timers, state.here, fact["at_ms"])
    return {
        "status": "in_progress",
        "timers": timers,
        "standing_since_ms": None,
        "paused_for": None,
        "stood_ms": state.with_pause(fact["at_ms"]),
        "forgotten_ms": None,
        "running_since_ms": fact["at_ms"],
    }


def _extended(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    given_ms = fact["add_ms"] if any(timer.of is None for timer in state.timers) else 0
    timers = extend(state.timers, state.here, fact["add_ms"], record.at_ms)
    of_section_ms = None if state.section_given_ms is None else state.section_given_ms + fact["add_ms"]
    return {"timers": timers, "given_ms": state.given_ms + given_ms, "section_given_ms": of_section_ms}


KINDS: Final[dict[str, Kind]] = {
    "warned": Kind(None, frozenset({"in_progress"}), nothing, told=True),
    "overran": Kind(None, frozenset({"in_progress"}), _overran, told=True),
    "paused": Kind("pause", frozenset({"in_progress"}), _paused, told=True, act=True),
    "pause_forgotten": Kind(None, frozenset({"paused"}), _pause_forgotten, told=True),
    "resumed": Kind("resume", frozenset({"paused"}), _resumed, told=True, act=True),
    "extended": Kind("extend", SITTING, _extended, told=True, act=True, gives="add_ms"),
}
