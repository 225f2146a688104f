"""What the system does by itself when an instant has come: warnings, the end of a pause budget, the closing."""

from msgspec.structs import astuple

from protocol.attempt.clocks import notices
from protocol.attempt.commands import Wake
from protocol.attempt.deadlines import budget_end
from protocol.attempt.decisions.connections import facts_of_loss
from protocol.attempt.decisions.rules import is_late, next_record, next_records
from protocol.attempt.evolve import evolve
from protocol.attempt.facts import Expired, Fact, Record, Resumed, Warned
from protocol.attempt.model import Attempt, Status


def wake(attempt: Attempt, command: Wake, now_ms: int) -> tuple[Record, ...]:
    """All that is due, in its order."""
    gone = () if command.gone is None else facts_of_loss(attempt, command.gone, now_ms, found_late=True)
    records = list(next_records(attempt, command.by, now_ms, *gone))
    for record in records:
        attempt = evolve(attempt, record)
    while (fact := _due(attempt, now_ms)) is not None:
        record = next_record(attempt, command.by, now_ms, fact)
        attempt = evolve(attempt, record)
        records.append(record)
    return tuple(records)


def _due(attempt: Attempt, now_ms: int) -> Fact | None:
    if attempt.status is Status.PAUSED:
        ends_ms = budget_end(attempt.pinned, attempt.pause, attempt.pause_used_ms)
        return Resumed(ends_ms, None, "pause budget used up") if ends_ms is not None and now_ms >= ends_ms else None
    if attempt.status is not Status.IN_PROGRESS:
        return None
    deadline_ms = attempt.test_clock.deadline_ms
    if deadline_ms is not None and is_late(attempt, now_ms):
        return Expired(deadline_ms, (attempt.end_reason or "") if attempt.collected else "")
    notice = next(notices(attempt, now_ms), None)
    return None if notice is None else Warned(*astuple(notice))
