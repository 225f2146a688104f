"""What the system does by itself when an instant has come: warnings, the end of a pause budget, the closing."""

from typing import assert_never

from msgspec.structs import astuple

from protocol.attempt.clocks import deadline_of, first_to_close, notices
from protocol.attempt.commands import Wake
from protocol.attempt.deadlines import budget_end
from protocol.attempt.decisions.connections import facts_of_loss
from protocol.attempt.decisions.rules import next_record, next_records
from protocol.attempt.evolve import evolve
from protocol.attempt.facts import Absent, Expired, Fact, QuestionClosed, Record, Resumed, SectionClosed, Warned
from protocol.attempt.model import Attempt, Clock, Scope, Status
from protocol.attempt.places import all_closed
from protocol.attempt.sheet import Sheet, terms_in_force


def wake(attempt: Attempt, command: Wake, now_ms: int, sheet: Sheet) -> tuple[Record, ...]:
    """All that is due, in its order."""
    gone = () if command.gone is None else facts_of_loss(attempt, command.gone, now_ms, found_late=True)
    records = list(next_records(attempt, command.by, now_ms, *gone))
    for record in records:
        attempt = evolve(attempt, record)
    fact: Fact | None = None
    while (fact := _due(attempt, now_ms, fact, sheet)) is not None:
        record = next_record(attempt, command.by, now_ms, fact)
        attempt = evolve(attempt, record)
        records.append(record)
    return tuple(records)


def _due(attempt: Attempt, now_ms: int, before: Fact | None, sheet: Sheet) -> Fact | None:
    """What comes next, after `before`."""
    if attempt.status is Status.INITIATED:
        closes_ms = terms_in_force(attempt, sheet).window_closes_at_ms
        return Absent(closes_ms) if closes_ms is not None and now_ms >= closes_ms else None
    if attempt.status is Status.PAUSED:
        ends_ms = budget_end(attempt.pinned, attempt.pause, attempt.pause_used_ms)
        return Resumed(ends_ms, None, "pause budget used up") if ends_ms is not None and now_ms >= ends_ms else None
    if attempt.status is not Status.IN_PROGRESS:
        return None
    if isinstance(before, SectionClosed) and all_closed(attempt) and not attempt.clocks:
        # The last section was the last thing with a limit: nothing is left to wait for.
        return Expired(before.at_ms, "")
    clock = first_to_close(attempt.clocks)
    if clock is not None and now_ms >= deadline_of(clock) + attempt.pinned.grace_ms:
        return _closing(attempt, clock)
    notice = next(notices(attempt, now_ms), None)
    return None if notice is None else Warned(*astuple(notice))


def _closing(attempt: Attempt, clock: Clock) -> Fact:
    at_ms = deadline_of(clock)
    match clock.scope:
        case Scope.TEST:
            return Expired(at_ms, (attempt.end_reason or "") if attempt.collected else "")
        case Scope.SECTION:
            return SectionClosed(str(clock.of), at_ms)
        case Scope.QUESTION:
            return QuestionClosed(str(clock.of), at_ms)
        case _:
            assert_never(clock.scope)
