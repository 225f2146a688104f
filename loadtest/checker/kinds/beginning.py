"""How an attempt begins: it is made, somebody is let in, she connects, and it starts."""

from typing import Any, Final

from loadtest.checker.database import Record
from loadtest.checker.granting import under
from loadtest.checker.kinds.kind import OPEN, Changes, Kind, nothing
from loadtest.checker.state import State
from loadtest.checker.timers import enter, read_paper, visit, wholes


def _created(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    identity = fact["identity"]
    return {
        "status": "initiated",
        "user_id": identity["user_id"],
        "branch_id": identity["branch_id"],
        "attempt_number": identity["attempt_number"],
        "granted": fact["accommodation"],
    }


def _started(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    terms = under(fact["terms"], state.granted)
    paper = read_paper(fact["layout"], terms)
    timers = wholes(terms, record.at_ms, soft=bool(terms.get("soft")))
    first = paper.section_at(0)
    if paper.by_section:
        timers = enter(timers, paper, first, record.at_ms)
    return {
        "status": "in_progress",
        "started_at_ms": record.at_ms,
        "running_since_ms": record.at_ms,
        "timers": visit(timers, paper, 0, (), record.at_ms, stands=False),
        "paper": paper,
        "open_section": first if paper.by_section else None,
        "grace_ms": terms["grace_ms"],
        "terms": terms,
        "test_terms": fact["terms"],
        "total": sum(len(section[1]) for section in fact["layout"][0]),
    }


def _connected(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    return {"connection_id": fact["connection_id"], "contact_ms": record.at_ms}


def _disconnected(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    if state.connection_id != fact["connection_id"]:
        return {}
    return {"connection_id": None, "contact_ms": max(state.contact_ms or 0, fact["last_contact_ms"])}


def _admitted(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    return {"admitted": True}


KINDS: Final[dict[str, Kind]] = {
    "created": Kind("create", None, _created, told=True),
    "admitted": Kind("admit", frozenset({"initiated"}), _admitted, told=True, act=True),
    "device_allowed": Kind("allow_device", OPEN, nothing, told=True, act=True),
    "connected": Kind(None, None, _connected, told=False),
    "disconnected": Kind(None, None, _disconnected, told=False),
    "started": Kind("start", frozenset({"initiated"}), _started, told=True),
}
