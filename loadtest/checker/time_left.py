"""I13. Nobody loses time that staff have not taken.

No record brings a clock nearer to its closing, or begins one that was not there, unless it says that it may shorten, or
staff collect the paper with it. A clock that stood for a lost connection runs again no earlier than its budget ends.
"""

from collections.abc import Iterator
from typing import Final

from loadtest.checker.database import Record
from loadtest.checker.evidence import Evidence
from loadtest.checker.state import ENDED, State
from loadtest.checker.timers import Timer, Timers
from loadtest.checker.violations import Violation

_NEW_TERMS: Final = frozenset({"accommodated", "retermed"})


def check(evidence: Evidence) -> Iterator[Violation]:
    for log in evidence.logs.values():
        for seq, what in lost(log.records, log.states):
            yield Violation("I13", log.attempt_id, f"record {seq} ({log.records[seq - 1].kind}): {what}")


def lost(records: list[Record], states: list[State]) -> Iterator[tuple[int, str]]:
    """(record, what it takes without leave). `states` are those after each record, from the one before the first."""
    used_ms = 0
    for record, before, after in zip(records, states, states[1:], strict=False):
        if not _may_take(record) and after.status not in ENDED:
            had = before.void.timers if record.kind == "reinstated" and before.void is not None else before.timers
            yield from ((record.seq, what) for what in _taken(record, before, had, after))
        since_ms = before.standing_since_ms
        if since_ms is None or not before.connection_lost:
            continue
        if record.kind == "resumed":
            again_ms = since_ms + before.terms["pause_budget_ms"] - used_ms
            if record.fact["at_ms"] < min(record.at_ms, again_ms):
                yield record.seq, "the clock runs again before the budget for lost connections ends"
            used_ms += record.fact["at_ms"] - since_ms
        elif record.kind == "cancelled":
            used_ms += max(0, record.at_ms - since_ms)


def _may_take(record: Record) -> bool:
    return record.kind == "collected" or bool(record.fact.get("may_shorten"))


def _taken(record: Record, before: State, had: Timers, after: State) -> Iterator[str]:
    has = {(timer.scope, timer.of): timer for timer in after.timers}
    # While a clock stands its time does not pass; when it runs again is looked at above.
    at_ms = record.fact["at_ms"] if record.kind == "resumed" else record.at_ms
    for timer in had:
        now = has.get((timer.scope, timer.of))
        if now is None:
            continue
        less_ms = _closes_in(timer, before.grace_ms, at_ms) - _closes_in(now, after.grace_ms, at_ms)
        if less_ms > 0:
            yield f"{timer.scope} {timer.of or ''} has {less_ms} ms less"
    if record.kind in _NEW_TERMS:
        if before.hand_in_ms > after.hand_in_ms:
            yield f"there are {before.hand_in_ms - after.hand_in_ms} ms less for handing in"
        for scope, of in sorted(has.keys() - {(timer.scope, timer.of) for timer in had}, key=str):
            if not has[scope, of].soft:
                yield f"{scope} {of or ''} is limited, and was not"


def _closes_in(timer: Timer, grace_ms: int, at_ms: int) -> int:
    return grace_ms + ((timer.left_ms or 0) if timer.until_ms is None else timer.until_ms - at_ms)
