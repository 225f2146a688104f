"""When the server has to look at an attempt again without being asked."""

from protocol.attempt.clocks import next_notice
from protocol.attempt.deadlines import budget_end
from protocol.attempt.model import Attempt, Status


def next_wake(attempt: Attempt) -> int | None:
    """The earliest of the next warning, the closing and the end of the pause budget; None: nothing will be due."""
    closing = next_closing(attempt)
    if attempt.status is not Status.IN_PROGRESS:
        return closing
    warning = next_notice(attempt)
    if warning is None or closing is None:
        return closing
    return min(warning, closing)


def next_closing(attempt: Attempt) -> int | None:
    """When the attempt has to be closed, or its clock set running again; None: never. The sweeper looks for these
    instants: they matter even if nobody is connected."""
    if attempt.status is Status.IN_PROGRESS:
        return attempt.closes_at_ms
    if attempt.status is Status.PAUSED:
        return budget_end(attempt.pinned, attempt.pause, attempt.pause_used_ms)
    return None
