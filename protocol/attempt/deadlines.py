"""Deadline arithmetic, on the server's clock. All instants and durations in milliseconds; intervals are half-open.

    starts                                                  deadline          closes
      |------ duration ------|-- extra --|-- extensions --|---|------ grace ----|
      |                                                       |                 |
      |   answers accepted, page open                         |  page locked,   |  everything is late
      |                                                       |  drafts arrive  |  from here on
                     At the start, the deadline is not later than the end of the test's window.
                     In a synchronised test the duration counts from the opening of the window.

    That is the test's clock. A section's runs for its limit from when it is entered, a question's for its limit from
    when the candidate first goes there, each with its share of the extra time. All close a grace after their deadline.

    running   deadline_ms is set, time left = deadline - now
    standing  left_ms is set (a pause), deadline is nil
    soft      nothing closes at the deadline: "over time since" is recorded once; the window has a clock of its own
    A pause stops every running clock, and its end sets them running again. Only a recorded fact adds time.

The end of the window limits the deadline at the start, and not later. Extensions, pauses and reopenings are acts of
staff or rules of the test: they may move the deadline past the window on purpose.
"""

from msgspec.structs import replace

from protocol.attempt.layout import Layout
from protocol.attempt.model import Pause, Terms


def deadline_at_start(terms: Terms, started_at_ms: int) -> int | None:
    """The deadline that the test's clock of an attempt has which starts at `started_at_ms`; None: it has none. A limit
    that is soft may lie beyond the window."""
    if terms.duration_ms is None:
        return None if terms.soft else terms.window_closes_at_ms
    opens_ms = terms.window_opens_at_ms
    from_ms = opens_ms if terms.synchronised and opens_ms is not None else started_at_ms
    own = from_ms + terms.duration_ms + terms.extra_time_ms
    return own if terms.soft or terms.window_closes_at_ms is None else min(own, terms.window_closes_at_ms)


def window_clock_ms(terms: Terms) -> int | None:
    """The deadline of the window's own clock; None: the test's clock ends with the window, or nothing does."""
    return terms.window_closes_at_ms if terms.soft else None


def end_at_start(terms: Terms, started_at_ms: int) -> int | None:
    """When an attempt ends that starts at `started_at_ms`; None: never."""
    return window_clock_ms(terms) if terms.soft else deadline_at_start(terms, started_at_ms)


def start_ends_ms(terms: Terms) -> int | None:
    """The instant from which nobody can begin; None: there is none. The window is over, or the time of a synchronised
    test is up for her."""
    if terms.synchronised and terms.duration_ms is not None and terms.window_opens_at_ms is not None:
        return end_at_start(terms, terms.window_opens_at_ms)
    return terms.window_closes_at_ms


def has_own_limits(terms: Terms) -> bool:
    """Whether the limits of sections and questions are others for this candidate than the test's."""
    return bool(terms.extra_time_ms or terms.extra_time_permille or terms.unlimited_time)


def limit_of(terms: Terms, layout: Layout, limit_ms: int) -> int | None:
    """The time that this candidate has for a section or a question whose limit is `limit_ms`; None: all she wants.

    Her extra time counts in proportion to the test's duration, or to the sum of the sections' limits where the test has
    no duration, or to that of the questions' where no section has a limit either; rounded up.
    """
    if terms.unlimited_time:
        return None
    if not has_own_limits(terms):
        return limit_ms
    whole_ms = terms.duration_ms or layout.sections_ms or layout.questions_ms
    share_ms = -(-limit_ms * terms.extra_time_permille // 1_000)
    return limit_ms + max(share_ms, -(-limit_ms * terms.extra_time_ms // whole_ms))


def with_limits(terms: Terms, layout: Layout) -> Layout:
    """The layout with the limits that this candidate has."""

    def own(limit_ms: int | None) -> int | None:
        return None if limit_ms is None else limit_of(terms, layout, limit_ms)

    return replace(
        layout,
        sections=tuple(
            replace(
                section,
                limit_ms=own(section.limit_ms),
                questions=tuple(replace(laid, limit_ms=own(laid.limit_ms)) for laid in section.questions),
            )
            for section in layout.sections
        ),
    )


def left_at(deadline_ms: int, at_ms: int, *, soft: bool = False) -> int:
    """Time left on a running clock: less than none only where the limit is soft."""
    left_ms = deadline_ms - at_ms
    return left_ms if soft else max(0, left_ms)


def budget_end(terms: Terms, pause: Pause | None, used_ms: int) -> int | None:
    """When the pause budget is used up, so that the clock runs again; None: no budget is being used."""
    if pause is None or not pause.connection_lost:
        return None
    return pause.since_ms + max(0, terms.pause_budget_ms - used_ms)


def forgotten_from_ms(terms: Terms, pause: Pause) -> int | None:
    """The instant from which the pause counts as forgotten; None: never. One for a lost connection ends by itself."""
    closes_ms = terms.window_closes_at_ms
    if pause.connection_lost or closes_ms is None:
        return None
    return closes_ms if pause.since_ms < closes_ms else pause.since_ms + terms.pause_grace_ms


def pause_end(terms: Terms, pause: Pause, used_ms: int) -> int | None:
    """When the system has to do something about the pause: let the clocks run again, say that it was forgotten, or
    collect the paper; None: never."""
    if pause.forgotten_ms is not None:
        return pause.forgotten_ms + terms.pause_grace_ms
    return budget_end(terms, pause, used_ms) if pause.connection_lost else forgotten_from_ms(terms, pause)


def moot_warnings(terms: Terms, deadline_ms: int, at_ms: int) -> tuple[int, ...]:
    """Warnings that are not given any more, because their instant has passed when the clock begins to run.

    So a test of four minutes does not begin with "five minutes left". After an extension, those that lie ahead again
    are given again.
    """
    return tuple(left for left in terms.warnings_ms if deadline_ms - left <= at_ms)


def due_warning(terms: Terms, deadline_ms: int, warned: tuple[int, ...], now_ms: int) -> int | None:
    """The time left that the most urgent due warning names; None: no warning is due.

    Warnings that were missed before it are dropped. Zero: the deadline has passed too, since no node was awake to warn.
    """
    due = [left for left in terms.warnings_ms if left not in warned and deadline_ms - left <= now_ms]
    if not due:
        return None
    return min(due) if now_ms < deadline_ms else 0


def next_warning(terms: Terms, deadline_ms: int, warned: tuple[int, ...]) -> int | None:
    """The instant of the next warning; None: there is none."""
    return min((deadline_ms - left for left in terms.warnings_ms if left not in warned), default=None)
