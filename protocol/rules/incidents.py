"""Outages of the server, as its nodes' signs of life tell them, and who lost how much of a running clock by them.

A proposal for staff: nothing here changes a deadline. An outage is a time in which no node was there, or in which the
node was dead that held a candidate's connection.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from protocol.attempt.evolve import evolve
from protocol.attempt.facts import Connected, Disconnected, Extended, Paused, Record, Resumed
from protocol.attempt.model import Attempt, Status

LEAST_MS: Final = 10_000
"""A shorter gap is none: nodes give a sign of life every five seconds, and pages come back by themselves."""


class Life(NamedTuple):
    """When a node was there: from its start to its last sign of life, to its stop, or (`until_ms` nil) until now.
    `died`: it did not stop in order."""

    name: str
    since_ms: int
    until_ms: int | None
    died: bool


class Gap(NamedTuple):
    """Nobody could be heard from `from_ms` to `until_ms`."""

    from_ms: int
    until_ms: int


class Loss(NamedTuple):
    """What a candidate lost of running clocks. `connected`: she was there when it began. `given_ms`: what staff have
    given her since."""

    lost_ms: int
    from_ms: int
    until_ms: int
    connected: bool
    given_ms: int


def outages(lives: Iterable[Life], now_ms: int) -> list[Gap]:
    """The times in which no node was there, between the first life and now."""
    found: list[Gap] = []
    until_ms: int | None = None
    for life in sorted(lives, key=lambda one: one.since_ms):
        if until_ms is not None and life.since_ms - until_ms >= LEAST_MS:
            found.append(Gap(until_ms, life.since_ms))
        end_ms = now_ms if life.until_ms is None else life.until_ms
        until_ms = end_ms if until_ms is None else max(until_ms, end_ms)
    return found


def loss_of(records: Sequence[Record], gaps: Sequence[Gap], deaths: Sequence[Life], now_ms: int) -> Loss | None:
    """What the attempt with this log lost; nil: nothing, or less than counts. `deaths`: the nodes that died."""
    running = _running(records, now_ms)
    times = [*gaps, *(gap for life in deaths if (gap := _without(records, life)) is not None)]
    lost = _merged(
        Gap(max(one.from_ms, gap.from_ms), min(one.until_ms, gap.until_ms)) for one in running for gap in times
    )
    lost_ms = sum(one.until_ms - one.from_ms for one in lost)
    if lost_ms < LEAST_MS:
        return None
    first_ms, last_ms = lost[0].from_ms, lost[-1].until_ms
    given_ms = sum(
        record.entry.fact.add_ms
        for record in records
        if isinstance(record.entry.fact, Extended) and record.entry.at_ms >= first_ms
    )
    before = _state_at(records, first_ms)
    return Loss(lost_ms, first_ms, last_ms, before is not None and before.connection_id is not None, given_ms)


def _without(records: Sequence[Record], life: Life) -> Gap | None:
    """From the last that is known of the node that held the candidate's connection until she came back. She may have
    come to it after its last sign of life: with a whole room, just before it died of that."""
    if life.until_ms is None:
        return None
    held_ms: int | None = None
    left_ms: int | None = None
    for record in records:
        at_ms, fact = record.entry.at_ms, record.entry.fact
        if isinstance(fact, Disconnected):
            left_ms = at_ms
        elif isinstance(fact, Connected) and fact.node == life.name:
            held_ms, left_ms = max(at_ms, life.until_ms), None
        elif isinstance(fact, Connected):
            # What her return has ended is recorded with it; a connection that ended before was not lost with its node.
            if held_ms is not None and at_ms > held_ms and left_ms in (None, at_ms):
                return Gap(held_ms, at_ms)
            held_ms = left_ms = None
    # She has not come back: it can't be told how long that was the server's fault.
    return None


def _state_at(records: Sequence[Record], at_ms: int) -> Attempt | None:
    attempt: Attempt | None = None
    for record in records:
        if record.entry.at_ms > at_ms:
            break
        attempt = evolve(attempt, record)
    return attempt


def _running(records: Sequence[Record], now_ms: int) -> list[Gap]:
    """When the clocks ran, until the deadline at the latest. A pause counts from its own instant, which may lie before
    the record."""
    found: list[Gap] = []
    attempt: Attempt | None = None
    since_ms: int | None = None
    for record in records:
        before, attempt = attempt, evolve(attempt, record)
        at_ms = _instant(record)
        runs = attempt.status is Status.IN_PROGRESS
        if since_ms is not None and not runs:
            found.append(Gap(since_ms, _until_deadline(before, at_ms)))
            since_ms = None
        elif since_ms is None and runs:
            since_ms = at_ms
    if since_ms is not None:
        found.append(Gap(since_ms, _until_deadline(attempt, now_ms)))
    return found


def _until_deadline(attempt: Attempt | None, at_ms: int) -> int:
    deadline_ms = None if attempt is None else attempt.deadline_ms
    return at_ms if deadline_ms is None else min(at_ms, deadline_ms)


def _instant(record: Record) -> int:
    fact = record.entry.fact
    return fact.at_ms if isinstance(fact, Paused | Resumed) else record.entry.at_ms


def _merged(gaps: Iterable[Gap]) -> list[Gap]:
    """The same times, none of them twice."""
    merged: list[Gap] = []
    for gap in sorted(one for one in gaps if one.until_ms > one.from_ms):
        if merged and gap.from_ms <= merged[-1].until_ms:
            merged[-1] = Gap(merged[-1].from_ms, max(merged[-1].until_ms, gap.until_ms))
        else:
            merged.append(gap)
    return merged
