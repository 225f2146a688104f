"""Deadline arithmetic, on the server's clock. All instants and durations in milliseconds; intervals are half-open.

    starts                                                  deadline          closes
      |------ duration ------|-- extra --|-- extensions --|---|------ grace ----|
      |                                                       |                 |
      |   answers accepted, page open                         |  page locked,   |  everything is late
      |                                                       |  drafts arrive  |  from here on
                     ... but at the start never beyond the end of the test's window.

    running   deadline_ms is set, time left = deadline - now
    standing  left_ms is set (a pause), deadline is nil
    A pause turns the one into the other and back; only a recorded fact makes time left grow.

The window's end bounds the deadline at the start only: an extension, a pause and a reopening are acts of staff, or of a
policy of the test, and carry the deadline past it on purpose.
"""

from protocol.attempt.model import Pause, Terms


def deadline_at_start(terms: Terms, started_at_ms: int) -> int | None:
    """The deadline of an attempt that starts now; None without a time limit and without a window's end."""
    if terms.duration_ms is None:
        return terms.window_closes_at_ms
    own = started_at_ms + terms.duration_ms + terms.extra_time_ms
    return own if terms.window_closes_at_ms is None else min(own, terms.window_closes_at_ms)


def left_at(deadline_ms: int | None, at_ms: int) -> int | None:
    """Time left on a running clock, never below zero."""
    return None if deadline_ms is None else max(0, deadline_ms - at_ms)


def deadline_after(left_ms: int | None, resumed_at_ms: int) -> int | None:
    """The deadline of a clock that stood with `left_ms` on it."""
    return None if left_ms is None else resumed_at_ms + left_ms


def budget_end(terms: Terms, pause: Pause | None, used_ms: int) -> int | None:
    """When the clock runs again although the connection is still lost; None where no budget is being used."""
    if pause is None or not pause.connection_lost:
        return None
    return pause.since_ms + max(0, terms.pause_budget_ms - used_ms)


def moot_warnings(terms: Terms, deadline_ms: int | None, at_ms: int) -> tuple[int, ...]:
    """Warnings whose instant has passed when a clock begins to run: a test of four minutes does not begin with the
    warning that five are left, and an extension brings back those that lie ahead again."""
    if deadline_ms is None:
        return ()
    return tuple(left for left in terms.warnings_ms if deadline_ms - left <= at_ms)


def due_warning(terms: Terms, deadline_ms: int | None, warned: tuple[int, ...], now_ms: int) -> int | None:
    """The most urgent warning that is due and was not given (the time left it names); missed ones are moot then.

    Zero where the deadline has passed as well (nobody was awake to warn): that is all there is left to say.
    """
    if deadline_ms is None:
        return None
    due = [left for left in terms.warnings_ms if left not in warned and deadline_ms - left <= now_ms]
    if not due:
        return None
    return min(due) if now_ms < deadline_ms else 0


def next_warning(terms: Terms, deadline_ms: int | None, warned: tuple[int, ...]) -> int | None:
    """The instant of the next warning."""
    if deadline_ms is None:
        return None
    return min((deadline_ms - left for left in terms.warnings_ms if left not in warned), default=None)
