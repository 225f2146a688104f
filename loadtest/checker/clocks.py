"""I10. The clients' clocks decide nothing: the same history with other client clocks gives the same decisions.

Two runs that differ in nothing but the clocks of the clients are compared, record by record.
"""

from collections.abc import Iterator
from typing import Any

from loadtest.checker.database import Attempt, Database, Record
from loadtest.checker.violations import Violation


def same_decisions(one: Database, other: Database) -> list[Violation]:
    """What differs between two runs, but for the clients' own word for the time, and what hangs on its bytes."""
    return sorted(_differences(one, other))


def _differences(one: Database, other: Database) -> Iterator[Violation]:
    ours = {attempt.attempt_id: attempt for attempt in one.attempts}
    theirs = {attempt.attempt_id: attempt for attempt in other.attempts}
    for attempt_id in ours.keys() ^ theirs.keys():
        yield Violation("I10", attempt_id, "it exists with one clock, and not with the other")
    for attempt_id in ours.keys() & theirs.keys():
        seq = _first_difference(ours[attempt_id], theirs[attempt_id])
        if seq is not None:
            yield Violation("I10", attempt_id, f"with other client clocks record {seq} is another one")


def _first_difference(one: Attempt, other: Attempt) -> int | None:
    for mine, yours in zip(one.records, other.records, strict=False):
        if _decided(mine) != _decided(yours):
            return mine.seq
    shorter = min(len(one.records), len(other.records))
    return None if len(one.records) == len(other.records) else shorter + 1


def _decided(record: Record) -> tuple[Any, ...]:
    fact = {name: value for name, value in record.fact.items() if name != "client_at_ms"}
    return record.seq, record.at_ms, record.written_at_ms, record.role, record.by, record.kind, fact
