"""A history for people: one line an event, in the order of time."""

from collections.abc import Iterator
from typing import Any

import msgspec

from loadtest.checker.history import Connected, Event, Shown, Told
from tests.simulation.chance import EPOCH_MS
from tests.simulation.world import Outcome

_LONGEST = 160


def lines(outcome: Outcome) -> Iterator[str]:
    """What happened, then the logs of the attempts that something is wrong with."""
    for event in outcome.history:
        if not isinstance(event, Shown):
            yield f"{event.at_ms - EPOCH_MS:>9} {type(event).__name__.lower():<9} {event.who:<14} {_rest(event)}"
    wrong = {violation.where for violation in outcome.violations}
    for attempt in outcome.database.attempts:
        if attempt.attempt_id not in wrong:
            continue
        yield f"the log of {attempt.attempt_id}, organisation {attempt.org_id}"
        for record in attempt.records:
            fact = {name: value for name, value in record.fact.items() if name not in ("t", "identity", "terms")}
            at_ms, written_at_ms = record.at_ms - EPOCH_MS, record.written_at_ms - EPOCH_MS
            yield f"{record.seq:>5} {at_ms:>9} {written_at_ms:>9} {record.kind:<12} {record.by:<10} {fact}"[:_LONGEST]


def _rest(event: Event) -> str:
    if isinstance(event, Connected | Told):
        state = event.state
        return f"{event.connection_id} {state.status} seq={state.seq} deadline={state.test_clock.deadline_ms}"
    fields: dict[str, Any] = msgspec.to_builtins(event)
    for name in ("e", "at_ms", "who"):
        fields.pop(name, None)
    return str(fields)[:_LONGEST]
