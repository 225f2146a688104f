"""The clocks of an attempt: how they begin, stand, run on, are moved, and warn. The arithmetic of one deadline is in
`deadlines`."""

from collections.abc import Iterator

from msgspec.structs import replace

from protocol.attempt.deadlines import due_warning, left_at, moot_warnings, next_warning
from protocol.attempt.model import Attempt, Clock, Notice, Scope, Terms

Clocks = tuple[Clock, ...]


def running(terms: Terms, clock: Clock, deadline_ms: int, since_ms: int) -> Clock:
    """The clock with a deadline in force from `since_ms` on. Warnings that lie ahead of it are given (again)."""
    return replace(clock, deadline_ms=deadline_ms, left_ms=None, warned=moot_warnings(terms, deadline_ms, since_ms))


def clock_until(terms: Terms, deadline_ms: int | None, since_ms: int) -> Clocks:
    """The test's clock alone, running from `since_ms` on; nothing where there is no deadline."""
    if deadline_ms is None:
        return ()
    return (running(terms, Clock(Scope.TEST, None, None, None), deadline_ms, since_ms),)


def stand(clocks: Clocks, at_ms: int) -> Clocks:
    """All of them stand from `at_ms` on."""
    return tuple(
        clock
        if clock.deadline_ms is None
        else replace(clock, deadline_ms=None, left_ms=left_at(clock.deadline_ms, at_ms), warned=())
        for clock in clocks
    )


def run_on(terms: Terms, clocks: Clocks, at_ms: int) -> Clocks:
    """Those that stood run again from `at_ms` on."""
    return tuple(
        clock if clock.left_ms is None else running(terms, clock, at_ms + clock.left_ms, at_ms) for clock in clocks
    )


def moved(terms: Terms, clocks: Clocks, add_ms: int, at_ms: int) -> Clocks:
    """All of them have `add_ms` more, running or standing."""
    return tuple(
        replace(clock, left_ms=clock.left_ms + add_ms)
        if clock.left_ms is not None
        else running(terms, clock, deadline_of(clock) + add_ms, at_ms)
        for clock in clocks
    )


def deadline_of(clock: Clock) -> int:
    """The deadline of a clock that runs."""
    assert clock.deadline_ms is not None
    return clock.deadline_ms


def notices(attempt: Attempt, now_ms: int) -> Iterator[Notice]:
    """The most urgent warning that is due now, clock by clock."""
    for clock in attempt.clocks:
        if clock.deadline_ms is not None:
            left_ms = due_warning(attempt.pinned, clock.deadline_ms, clock.warned, now_ms)
            if left_ms is not None:
                yield Notice(left_ms, clock.deadline_ms, clock.scope, clock.of)


def with_notice(terms: Terms, clocks: Clocks, notice: Notice) -> Clocks:
    """The clocks after the notice was given: its clock gives no more warnings of longer times."""
    return tuple(
        replace(clock, warned=tuple(one for one in terms.warnings_ms if one in clock.warned or one >= notice.left_ms))
        if (clock.scope, clock.of) == (notice.scope, notice.of)
        else clock
        for clock in clocks
    )


def next_notice(attempt: Attempt) -> int | None:
    """The instant of the next warning of any clock; None: there is none."""
    instants = (
        next_warning(attempt.pinned, clock.deadline_ms, clock.warned)
        for clock in attempt.clocks
        if clock.deadline_ms is not None
    )
    return min((at_ms for at_ms in instants if at_ms is not None), default=None)
