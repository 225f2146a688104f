"""When the server has to look at an attempt again without being asked."""

from typing import Final

from protocol import limits
from protocol.attempt.clocks import due_of, next_notice
from protocol.attempt.deadlines import pause_end
from protocol.attempt.model import Attempt, Scope, Status

# Asked with every answer, and a member of an `Enum` is slow to read.
_IN_PROGRESS: Final = Status.IN_PROGRESS


def next_wake(attempt: Attempt) -> int | None:
    """The earliest of the next warning, the next closing and the end of the pause budget; None: nothing will be due."""
    closing = next_closing(attempt)
    if attempt.status is not _IN_PROGRESS:
        return closing
    warning = next_notice(attempt)
    if warning is None or closing is None:
        return closing
    return min(warning, closing)


def wakes_alike(before: Attempt, after: Attempt) -> bool:
    """Whether nothing has changed that `next_wake` depends on. Then it is the same for both."""
    return (
        after.clocks is before.clocks
        and after.status is before.status
        and after.pause is before.pause
        and after.terms is before.terms
        and after.pause_used_ms == before.pause_used_ms
    )


def next_closing(attempt: Attempt) -> int | None:
    """When something has to be closed, a soft limit is up, or a pause ends; None: never."""
    if attempt.pause is not None:
        return pause_end(attempt.pinned, attempt.pause, attempt.pause_used_ms)
    first: int | None = None
    for clock in attempt.clocks:
        due_ms = due_of(attempt, clock)
        if due_ms is not None and (first is None or due_ms < first):
            first = due_ms
    return first


def next_sweep(attempt: Attempt) -> int | None:
    """The same without the questions' clocks. The sweeper looks for these instants: they matter even if nobody is
    connected. A question's clock begins and stands with every visit, which the projection does not follow, and its
    closing concerns nobody but its candidate."""
    if attempt.status is Status.INITIATED:
        # Where the window is the test's, the test says when it closes.
        own = attempt.accommodation
        return limits.MAX_INT if own.never_closes else own.closes_at_ms
    if attempt.status is Status.PAUSED:
        return next_closing(attempt)
    due = (due_of(attempt, clock) for clock in attempt.clocks if clock.scope is not Scope.QUESTION)
    return min((due_ms for due_ms in due if due_ms is not None), default=None)
