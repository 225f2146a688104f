"""What a day has shown in figures: from its history and its database."""

from loadtest.checker import Database
from loadtest.checker.fold import fold
from loadtest.checker.history import Connected, Event, Gauge, Invoke, Ok, Told


def peaks(history: list[Event]) -> dict[str, int]:
    """The greatest value of each figure, of any node."""
    greatest: dict[str, int] = {}
    for event in history:
        if isinstance(event, Gauge):
            greatest[event.name] = max(greatest.get(event.name, 0), event.value)
    return greatest


def longest_wait_s(history: list[Event]) -> float:
    """How long anybody waited for an acknowledgement at most, whose clock staff had not stopped."""
    paused = {
        event.attempt_id for event in history if isinstance(event, Told | Connected) and event.state.status == "paused"
    }
    asked_ms: dict[str, int] = {}
    longest_ms = 0
    for event in history:
        if isinstance(event, Invoke) and event.attempt_id not in paused:
            asked_ms[event.op] = event.at_ms
        elif isinstance(event, Ok) and event.op in asked_ms:
            longest_ms = max(longest_ms, event.at_ms - asked_ms[event.op])
    return round(longest_ms / 1_000, 2)


def latest_closing_s(database: Database) -> float | None:
    """Also of those that nobody could have closed in time: the invariants say how late that may be."""
    late_ms = [
        record.written_at_ms - before.closes_at_ms
        for attempt in database.attempts
        for record, before in zip(attempt.records, fold(attempt.records), strict=False)
        if record.kind == "expired" and before.closes_at_ms is not None
    ]
    return round(max(late_ms) / 1_000, 2) if late_ms else None
