"""What the system does by itself when an instant has come: warnings, the end of a pause budget, the closing."""

from typing import Final, assert_never

from msgspec.structs import astuple

from protocol.attempt.clocks import deadline_of, first_to_close, notices, overrun
from protocol.attempt.commands import Wake
from protocol.attempt.deadlines import pause_end, start_ends_ms
from protocol.attempt.decisions.connections import facts_of_loss
from protocol.attempt.decisions.rules import next_record, next_records
from protocol.attempt.evolve import evolve
from protocol.attempt.facts import (
    Abandoned,
    Absent,
    Expired,
    Fact,
    Overran,
    PauseForgotten,
    QuestionClosed,
    Record,
    Resumed,
    SectionClosed,
    Warned,
)
from protocol.attempt.model import Attempt, Clock, Pause, Scope, Status
from protocol.attempt.sheet import Sheet, terms_in_force

_FORGOTTEN: Final = "The test was paused, and nobody ended the pause after the test had closed."


def wake(attempt: Attempt, command: Wake, now_ms: int, sheet: Sheet) -> tuple[Record, ...]:
    """All that is due, in its order."""
    gone = () if command.gone is None else facts_of_loss(attempt, command.gone, now_ms, found_late=True)
    records = list(next_records(attempt, command.by, now_ms, *gone))
    for record in records:
        attempt = evolve(attempt, record)
    while (fact := _due(attempt, now_ms, sheet)) is not None:
        record = next_record(attempt, command.by, now_ms, fact)
        attempt = evolve(attempt, record)
        records.append(record)
    return tuple(records)


def _due(attempt: Attempt, now_ms: int, sheet: Sheet) -> Fact | None:
    """What comes next."""
    if attempt.status is Status.INITIATED:
        closes_ms = start_ends_ms(terms_in_force(attempt, sheet))
        return Absent(closes_ms) if closes_ms is not None and now_ms >= closes_ms else None
    if attempt.pause is not None:
        ends_ms = pause_end(attempt.pinned, attempt.pause, attempt.pause_used_ms)
        return None if ends_ms is None or now_ms < ends_ms else _end_of_pause(attempt.pause, ends_ms)
    if attempt.status is not Status.IN_PROGRESS:
        return None
    first, over = first_to_close(attempt), overrun(attempt, now_ms)
    # Whoever wakes late records both: that the time was over stays on record after the end.
    if over is not None and (first is None or deadline_of(over) < first[0]):
        return Overran(deadline_of(over), over.scope, over.of)
    if first is not None and now_ms >= first[0]:
        return _closing(attempt, first[1])
    notice = next(notices(attempt, now_ms), None)
    return None if notice is None else Warned(*astuple(notice))


def _end_of_pause(pause: Pause, at_ms: int) -> Fact:
    if pause.connection_lost:
        return Resumed(at_ms, None, "pause budget used up")
    return PauseForgotten(at_ms) if pause.forgotten_ms is None else Expired(at_ms, _FORGOTTEN)


def _closing(attempt: Attempt, clock: Clock) -> Fact:
    at_ms = deadline_of(clock)
    match clock.scope:
        case Scope.TEST | Scope.WINDOW:
            if attempt.collected:
                return Expired(at_ms, attempt.end_said or "")
            terms = attempt.pinned
            return Expired(at_ms, "") if terms.at_end == "submit" else Abandoned(at_ms + terms.hand_in_ms)
        case Scope.SECTION:
            return SectionClosed(str(clock.of), at_ms)
        case Scope.QUESTION:
            return QuestionClosed(str(clock.of), at_ms)
        case _:
            assert_never(clock.scope)
