"""The clocks of an attempt: how they begin, stand, run on, are moved, and warn.

    test      from the start to the end
    window    from the start to the end of the window, where the limit of the test is soft
    section   the open section's, from when it was entered until it closes
    question  from when she first goes to the question; it stands while she is elsewhere, until it closes

*At hand* are the clocks of the whole, the open section's, and that of the question where the candidate is. Only these
run, and only to these an extension adds. A pause stops them all. The arithmetic of one deadline is in `deadlines`.
"""

from collections.abc import Collection, Iterator
from typing import Final

from msgspec.structs import replace

from protocol.attempt.deadlines import (
    deadline_at_start,
    due_warning,
    left_at,
    limit_of,
    moot_warnings,
    next_warning,
    window_clock_ms,
)
from protocol.attempt.early import ran_until
from protocol.attempt.layout import LaidQuestion, LaidSection, Layout
from protocol.attempt.model import Accommodation, Attempt, Clock, Notice, Scope, Terms
from protocol.attempt.places import is_open_at
from protocol.attempt.sheet import accommodated

Clocks = tuple[Clock, ...]


def running(terms: Terms, clock: Clock, deadline_ms: int, since_ms: int) -> Clock:
    """The clock with a deadline in force from `since_ms` on. Warnings that lie ahead of it are given (again)."""
    warned = () if clock.scope is Scope.QUESTION else moot_warnings(terms, deadline_ms, since_ms)
    over = clock.over and deadline_ms <= since_ms
    return replace(clock, deadline_ms=deadline_ms, left_ms=None, warned=warned, over=over)


def standing(clock: Clock, at_ms: int) -> Clock:
    """The clock, standing from `at_ms` on."""
    if clock.deadline_ms is None:
        return clock
    return replace(clock, deadline_ms=None, left_ms=left_at(clock.deadline_ms, at_ms, soft=clock.soft), warned=())


def whole_at_start(terms: Terms, at_ms: int) -> Clocks:
    """The clocks of the whole: the test's, and where its limit is soft the window's."""
    deadline_ms, window_ms = deadline_at_start(terms, at_ms), window_clock_ms(terms)
    test = Clock(Scope.TEST, None, None, None, soft=terms.soft)
    clocks = () if deadline_ms is None else (running(terms, test, deadline_ms, at_ms),)
    if window_ms is None:
        return clocks
    return (*clocks, running(terms, Clock(Scope.WINDOW, None, None, None), window_ms, at_ms))


def clock_until(terms: Terms, deadline_ms: int | None, since_ms: int) -> Clocks:
    """A clock that ends the test, running from `since_ms` on; nothing where there is no deadline."""
    if deadline_ms is None:
        return ()
    return (running(terms, Clock(Scope.TEST, None, None, None), deadline_ms, since_ms),)


def at_start(terms: Terms, layout: Layout, at_ms: int) -> Clocks:
    """Those that begin with the attempt: the test's, the first section's, the first question's."""
    clocks = whole_at_start(terms, at_ms)
    if layout.by_section:
        clocks = in_section(terms, layout, clocks, layout.sections[0], at_ms)
    return at_question(terms, layout, clocks, layout.question_at(0), (), at_ms)


def in_section(terms: Terms, layout: Layout, clocks: Clocks, section: LaidSection, at_ms: int) -> Clocks:
    """After the candidate has entered the section: what limited the one before is over, and its own clock runs."""
    rest = whole_test(clocks)
    whole_ms = None if section.limit_ms is None else limit_of(terms, layout, section.limit_ms)
    if whole_ms is None:
        return rest
    own = Clock(Scope.SECTION, section.section_id, None, None, soft=section.soft)
    return (*rest, running(terms, own, at_ms + whole_ms, at_ms))


def whole_test(clocks: Clocks) -> Clocks:
    """The clocks of the whole alone: no section is open."""
    return tuple(clock for clock in clocks if clock.of is None)


def at_question(
    terms: Terms,
    layout: Layout,
    clocks: Clocks,
    question: LaidQuestion,
    closed: Collection[str],
    at_ms: int,
    *,
    stands: bool = False,
) -> Clocks:
    """After the candidate has gone to the question: its clock runs (or `stands`, in a pause), those of others stand.

    Another one's clock whose deadline has passed goes on to its closing, if it closes anything: going away saves no
    time that is up.
    """
    question_id = question.question_id
    moved_on: list[Clock] = []
    is_new = question.limit_ms is not None and question_id not in closed
    for clock in clocks:
        if clock.scope is not Scope.QUESTION:
            moved_on.append(clock)
        elif clock.of == question_id:
            is_new = False
            moved_on.append(clock if stands else _run_on(terms, clock, at_ms))
        else:
            is_up = clock.deadline_ms is not None and at_ms >= clock.deadline_ms and not clock.soft
            moved_on.append(clock if is_up else standing(clock, at_ms))
    whole_ms = limit_of(terms, layout, question.limit_ms) if is_new and question.limit_ms is not None else None
    if whole_ms is not None:
        new = Clock(Scope.QUESTION, question_id, None, whole_ms, soft=question.soft)
        moved_on.append(new if stands else _run_on(terms, new, at_ms))
    return tuple(moved_on)


def _run_on(terms: Terms, clock: Clock, at_ms: int) -> Clock:
    return clock if clock.left_ms is None else running(terms, clock, at_ms + clock.left_ms, at_ms)


def is_at_hand(clock: Clock, here: str | None) -> bool:
    """Whether the clock is one of those that run while nothing stops them. `here`: the question where she is."""
    return clock.scope is not Scope.QUESTION or clock.of == here


def stand(clocks: Clocks, at_ms: int) -> Clocks:
    """All of them stand from `at_ms` on."""
    return tuple(standing(clock, at_ms) for clock in clocks)


def run_on(terms: Terms, clocks: Clocks, here: str | None, at_ms: int) -> Clocks:
    """Those at hand run again from `at_ms` on."""
    return tuple(_run_on(terms, clock, at_ms) if is_at_hand(clock, here) else clock for clock in clocks)


def moved(terms: Terms, clocks: Clocks, here: str | None, add_ms: int, at_ms: int) -> Clocks:
    """Those at hand have `add_ms` more, running or standing."""
    return tuple(_with_more(terms, clock, add_ms, at_ms) if is_at_hand(clock, here) else clock for clock in clocks)


def _with_more(terms: Terms, clock: Clock, add_ms: int, at_ms: int) -> Clock:
    if clock.deadline_ms is not None:
        # Less time never ends a clock in the past: what was typed until now is collected in the grace.
        least_ms = min(clock.deadline_ms, at_ms)
        return running(terms, clock, max(least_ms, clock.deadline_ms + add_ms), at_ms)
    left_ms = (clock.left_ms or 0) + add_ms
    return replace(clock, left_ms=left_ms if clock.soft else max(0, left_ms))


def ended_by(terms: Terms, clocks: Clocks, deadline_ms: int, at_ms: int) -> Clocks:
    """The test's clock ends at `deadline_ms`, and no other one that runs ends later."""
    others = tuple(
        clock if clock.deadline_ms is None else running(terms, clock, min(clock.deadline_ms, deadline_ms), at_ms)
        for clock in clocks
        if clock.of is not None
    )
    return clock_until(terms, deadline_ms, at_ms) + others


def without(clocks: Clocks, scope: Scope, of: str) -> Clocks:
    """All but this one, which has closed."""
    return tuple(clock for clock in clocks if (clock.scope, clock.of) != (scope, of))


def closing_of(attempt: Attempt, clock: Clock) -> int | None:
    """When the clock closes what it limits; None: it does not run, or closes nothing."""
    if clock.deadline_ms is None or clock.soft:
        return None
    return attempt.ends_at_ms if clock.of is None else clock.deadline_ms + attempt.pinned.grace_ms


def due_of(attempt: Attempt, clock: Clock) -> int | None:
    """When the clock closes what it limits, or it has to be recorded that its time is over; None: neither."""
    return overrun_of(clock) if clock.soft else closing_of(attempt, clock)


def overrun_of(clock: Clock) -> int | None:
    """When it has to be recorded that the time of this soft clock is over; None: it was, or the clock stands."""
    return clock.deadline_ms if clock.soft and not clock.over else None


def overrun(attempt: Attempt, now_ms: int) -> Clock | None:
    """The soft clock whose time is over and that was not told of yet, the first one; None: there is none."""
    due = ((at_ms, clock) for clock in attempt.clocks if (at_ms := overrun_of(clock)) is not None and at_ms <= now_ms)
    first = min(due, key=lambda one: one[0], default=None)
    return None if first is None else first[1]


def told_over(terms: Terms, clocks: Clocks, scope: Scope, of: str | None) -> Clocks:
    """The clocks after it was recorded that the time of this one is over: it gives no more warnings."""
    return tuple(
        replace(clock, over=True, warned=terms.warnings_ms) if (clock.scope, clock.of) == (scope, of) else clock
        for clock in clocks
    )


def first_to_close(attempt: Attempt) -> tuple[int, Clock] | None:
    """Of the clocks that run, the one that closes first, and when; of two at the same instant the wider one."""
    closings = ((closing_of(attempt, clock), clock) for clock in attempt.clocks)
    running_clocks = ((closes_ms, clock) for closes_ms, clock in closings if closes_ms is not None)
    return min(running_clocks, key=lambda one: one[0], default=None)


def first_deadline(clocks: Clocks) -> int | None:
    """The first deadline of those that run and close something; None: none does."""
    ends = (clock.deadline_ms for clock in clocks if clock.deadline_ms is not None and not clock.soft)
    return min(ends, default=None)


def gain_ms(attempt: Attempt, clock: Clock, terms: Terms) -> int | None:
    """How much more the clock would have had from its beginning under these terms; None: it limits nothing any more."""
    layout, before = attempt.layout, attempt.pinned
    assert layout is not None, "clocks begin at the start"
    if attempt.limit_given and clock.scope is Scope.TEST:
        return 0
    if clock.of is None:
        was_ms, is_ms = (_whole_ms(attempt, clock.scope, one, soft=clock.soft) for one in (before, terms))
        if was_ms is None:
            # This clock was given with a reopening.
            return 0
        return None if is_ms is None else is_ms - was_ms
    limit_ms = layout.limit_of(clock.scope is Scope.SECTION, clock.of or "")
    was_ms, is_ms = (limit_of(one, layout, limit_ms) for one in (before, terms))
    # Without a limit before, this clock would not be there.
    return None if is_ms is None or was_ms is None else is_ms - was_ms


def _whole_ms(attempt: Attempt, scope: Scope, terms: Terms, *, soft: bool) -> int | None:
    """The deadline that this clock of the whole would have had from the start under these terms; None: it has none.
    A test's clock that is not `soft` ends no later than the window."""
    assert attempt.started_at_ms is not None, "clocks begin at the start"
    if scope is Scope.TEST:
        return deadline_at_start(replace(terms, soft=soft), attempt.started_at_ms)
    return window_clock_ms(terms)


def new_under(attempt: Attempt, terms: Terms) -> tuple[Scope, ...]:
    """The clocks of the whole that the attempt does not have, and would have under these terms."""
    had = [clock.scope for clock in attempt.clocks]
    if any(clock.scope is Scope.TEST and not clock.soft for clock in attempt.clocks):
        # This clock ends the attempt: where the limit is soft it was given with a reopening, in the window's place.
        return ()
    wholes = (Scope.TEST, Scope.WINDOW)
    return tuple(
        one for one in wholes if one not in had and _whole_ms(attempt, one, terms, soft=terms.soft) is not None
    )


def moved_by_terms(attempt: Attempt, terms: Terms, at_ms: int, *, lifts: bool = False) -> Clocks:
    """The clocks under other terms, in force from `at_ms` on: each, running or standing, has as much more time as it
    would have had from its beginning (or less, if staff say so), and gives the warnings of these terms. A clock of the
    whole that is new ends when it would have, had it begun at the start, and stood and been extended with the
    others. `lifts`: a limit that staff gave to unlimited time is taken away again."""
    assert attempt.started_at_ms is not None, "clocks begin at the start"
    moved_ms = attempt.given_ms + at_ms - attempt.started_at_ms - ran_until(attempt, at_ms)
    gains = ((clock, gain_ms(attempt, clock, terms)) for clock in attempt.clocks)
    clocks = [_with_more(terms, clock, more_ms, at_ms) for clock, more_ms in gains if more_ms is not None]
    if attempt.limit_given:
        clocks[:1] = _given_under(clocks[0], terms, at_ms, lifts=lifts)
    for scope in new_under(attempt, terms):
        deadline_ms = _whole_ms(attempt, scope, terms, soft=terms.soft)
        assert deadline_ms is not None, "a new clock has a deadline"
        soft = terms.soft and scope is Scope.TEST
        clock = running(terms, Clock(scope, None, None, None, soft=soft), max(deadline_ms + moved_ms, at_ms), at_ms)
        clocks.append(clock if attempt.pause is None else standing(clock, at_ms))
    if attempt.pinned.unlimited_time and not terms.unlimited_time:
        return _back_again(attempt, terms, tuple(clocks), at_ms)
    return tuple(sorted(clocks, key=_place))


def _given_under(clock: Clock, terms: Terms, at_ms: int, *, lifts: bool) -> Clocks:
    """The clock that staff gave with a reopening to a candidate of unlimited time, or none: extra time in place of
    unlimited time adds to it, and where the limit is taken away again her window alone ends the attempt."""
    if not terms.unlimited_time:
        return (_with_more(terms, clock, terms.extra_time_ms, at_ms),)
    window_ms = terms.window_closes_at_ms
    if not lifts or window_ms is None:
        return () if lifts else (clock,)
    ends_ms = at_ms + (clock.left_ms or 0) if clock.deadline_ms is None else clock.deadline_ms
    return (_with_more(terms, clock, max(0, window_ms - ends_ms), at_ms),)


def _back_again(attempt: Attempt, terms: Terms, clocks: Clocks, at_ms: int) -> Clocks:
    """Those that unlimited time has taken away limit again: that of the open section as if it had run on, and that of
    the question at hand from now on, as it would when she came there. That of any other question begins when she goes
    there."""
    layout, stands = attempt.laid, attempt.pause is not None
    section_id, given_ms = attempt.section_id, attempt.section_given_ms
    section = None if section_id is None or given_ms is None else layout.section(section_id)
    whole_ms = None if section is None or section.limit_ms is None else limit_of(terms, layout, section.limit_ms)
    if section is not None and given_ms is not None and whole_ms is not None:
        left_ms = whole_ms + given_ms - (ran_until(attempt, at_ms) - attempt.section_from_ms)
        own = Clock(Scope.SECTION, section_id, None, left_ms if section.soft else max(0, left_ms), soft=section.soft)
        clocks = (*clocks, own if stands else _run_on(terms, own, at_ms))
    if attempt.limits_questions and is_open_at(attempt, attempt.question_index):
        question = layout.question_at(attempt.question_index)
        clocks = at_question(terms, layout, clocks, question, attempt.closed_questions, at_ms, stands=stands)
    return tuple(sorted(clocks, key=_place))


def given_by_reopening(attempt: Attempt, granted: Accommodation, left_ms: int | None) -> int:
    """`given_ms` of an attempt that is reopened with so much time, its candidate granted this: a limit that unlimited
    time takes away and that comes back leaves what staff have given then, and no more."""
    assert attempt.started_at_ms is not None, "clocks begin at the start"
    terms = accommodated(attempt.pinned_of_test, replace(granted, unlimited_time=False))
    whole_ms = _whole_ms(attempt, Scope.TEST, terms, soft=terms.soft)
    if left_ms is None or whole_ms is None:
        return attempt.given_ms
    return left_ms + attempt.ran_ms - (whole_ms - attempt.started_at_ms)


_PLACES: Final = {scope: place for place, scope in enumerate(Scope)}


def _place(clock: Clock) -> int:
    return _PLACES[clock.scope]


def deadline_of(clock: Clock) -> int:
    """The deadline of a clock that runs."""
    assert clock.deadline_ms is not None
    return clock.deadline_ms


def notices(attempt: Attempt, now_ms: int) -> Iterator[Notice]:
    """The most urgent warning that is due now, clock by clock. Questions' clocks give none."""
    for clock in attempt.clocks:
        if clock.deadline_ms is not None and clock.scope is not Scope.QUESTION:
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
        if clock.deadline_ms is not None and clock.scope is not Scope.QUESTION
    )
    return min((at_ms for at_ms in instants if at_ms is not None), default=None)
