"""When somebody must look at an attempt again although nobody asks."""

from protocol.attempt.deadlines import budget_end, next_warning
from protocol.attempt.model import Attempt, Status


def next_wake(attempt: Attempt) -> int | None:
    """The instant of the next warning, the closing, or the end of the pause budget; None: nothing will be due."""
    closing = next_closing(attempt)
    if attempt.status is not Status.IN_PROGRESS:
        return closing
    warning = next_warning(attempt.terms, attempt.deadline_ms, attempt.warned)
    if warning is None or closing is None:
        return closing
    return min(warning, closing)


def next_closing(attempt: Attempt) -> int | None:
    """The instant at which the attempt must be closed or its clock set running: what the sweeper looks for, since it
    must happen even where nobody is there to be warned."""
    if attempt.status is Status.IN_PROGRESS:
        return attempt.closes_at_ms
    if attempt.status is Status.PAUSED:
        return budget_end(attempt.terms, attempt.pause, attempt.pause_used_ms)
    return None
