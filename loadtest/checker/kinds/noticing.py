"""What is noticed while she sits."""

from typing import Any, Final

from loadtest.checker.database import Record
from loadtest.checker.kinds.kind import SITTING, Changes, Kind
from loadtest.checker.state import NEVER, State


def _observed(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    was, warned = state.noticed.get(fact["signal"], NEVER), fact.get("warned", False)
    now = was._replace(
        times=was.times + fact["count"],
        size=was.size + fact["size"],
        at_ms=record.at_ms,
        warnings=was.warnings + warned,
        warned_at_ms=record.at_ms if warned else was.warned_at_ms,
    )
    return {"noticed": {**state.noticed, fact["signal"]: now}}


def _alerted(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    was = state.noticed.get(fact["signal"], NEVER)
    now = was._replace(alerts=was.alerts + 1, alerted_at_ms=record.at_ms)
    return {"noticed": {**state.noticed, fact["signal"]: now}}


KINDS: Final[dict[str, Kind]] = {
    "observed": Kind("observe", SITTING, _observed, told=False),
    "alerted": Kind(None, SITTING, _alerted, told=True),
}
