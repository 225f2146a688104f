"""I16. What follows from what is noticed is what the test says: no warning, no alert and no pause more, and none less.

With the checker's own sums of what was noticed. Written from PROTOCOL.md.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from loadtest.checker.database import Record
from loadtest.checker.evidence import Evidence
from loadtest.checker.state import NEVER, State
from loadtest.checker.violations import Violation

_MINUTE_MS: Final = 60_000
_MOST: Final = 2_000
_A_MINUTE: Final = 30
_ITS_OWN: Final = 500


def check(evidence: Evidence) -> Iterator[Violation]:
    for log in evidence.logs.values():
        for what in wrong(log.records, log.states):
            yield Violation("I16", log.attempt_id, what)


def wrong(records: Sequence[Record], states: Sequence[State]) -> Iterator[str]:
    """What is wrong; `states` has one more, that before the first record."""
    due: tuple[tuple[str, str], ...] = ()
    seen: list[int] = []
    for record, before, after in zip(records, states, states[1:], strict=False):
        signal = str(record.fact.get("signal"))
        follows = record.kind == "alerted" or (record.kind == "paused" and record.fact.get("signal") is not None)
        was_due = bool(due)
        if due:
            if (record.kind, signal) != due[0]:
                yield f"record {record.seq} is {record.kind}, and {due[0]} was to follow what was noticed"
                due = ()
            else:
                due = due[1:]
        elif follows:
            yield f"record {record.seq} ({record.kind}) follows from nothing that was noticed"
        if record.kind == "consent_given":
            due = _withdrawn(record, before)
        if record.kind != "observed":
            continue
        if signal.endswith("_withdrawn") and not was_due:
            yield f"record {record.seq}: {signal}, and she had not taken back what she agreed to"
        watch = _watch(before, signal)
        if watch is None:
            yield f"record {record.seq}: nobody watches for {signal}"
            continue
        seen.append(record.at_ms)
        if len(seen) > _MOST:
            yield f"record {record.seq}: more than {_MOST} records of what was noticed"
        # Minutes begin with a record: in any minute there are those of two of them at most.
        if len(seen) > 2 * _A_MINUTE and seen[-1] - seen[-1 - 2 * _A_MINUTE] < _MINUTE_MS:
            yield f"record {record.seq}: more than {2 * _A_MINUTE} records within a minute"
        warned, due = _follows(record, before, after, watch)
        if warned != record.fact.get("warned", False):
            yield f"record {record.seq}: {'no warning' if warned else 'a warning'} because of {signal}"
    if due:
        yield f"the log ends, and {due[0]} was to follow what was noticed"


def _watch(state: State, signal: str) -> dict[str, Any] | None:
    watches = state.terms.get("watches", ())
    if state.terms.get("full_screen") and signal == "no_full_screen":
        return {"signal": signal}
    return next((one for one in watches if one["signal"] == signal), None)


def _withdrawn(record: Record, before: State) -> tuple[tuple[str, str], ...]:
    """What follows where she takes back, while she sits, what she has agreed to. Of each signal that the server sees
    for itself there is room for so many records."""
    said, signal = before.agreements.get(record.fact["source"]), f"{record.fact['source']}_withdrawn"
    took_back = said is not None and said.says == "agreed" and record.fact["says"] != "agreed"
    sits = before.status in ("in_progress", "paused")
    seen = before.noticed.get(signal, NEVER).times
    return (("observed", signal),) if took_back and sits and seen < _ITS_OWN and _watch(before, signal) else ()


def _follows(
    record: Record, before: State, after: State, watch: dict[str, Any]
) -> tuple[bool, tuple[tuple[str, str], ...]]:
    """Whether she is warned, and what has to follow."""
    signal, more = watch["signal"], record.fact["count"]
    closed = before.closes_at_ms is not None and record.at_ms >= before.closes_at_ms
    if not more or before.status != "in_progress" or before.collected or closed:
        return False, ()
    times, alerted_at_ms = after.noticed[signal].times, before.noticed.get(signal, NEVER).alerted_at_ms
    warns, alerts, pauses = (
        watch.get(name) is not None and times >= watch[name] for name in ("warn_from", "alert_from", "pause_from")
    )
    is_due = alerted_at_ms is None or record.at_ms >= alerted_at_ms + _MINUTE_MS
    due: list[tuple[str, str]] = []
    if pauses or (alerts and is_due):
        due.append(("alerted", signal))
    if pauses:
        due.append(("paused", signal))
    return warns, tuple(due)
