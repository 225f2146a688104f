"""How clocks begin, stand, run on, are moved, and warn."""

import pytest
from msgspec.structs import replace

from protocol.attempt.clocks import (
    Clocks,
    clock_until,
    moved,
    next_notice,
    notices,
    run_on,
    stand,
    with_notice,
)
from protocol.attempt.model import UNLIMITED, Attempt, Clock, Notice, Scope
from tests.protocol.attempt.scene import HOUR, MINUTE, T0, TERMS, Scene

D = T0 + HOUR
BOTH = (5 * MINUTE, MINUTE)
"""The warnings of `TERMS`."""
TEST = Clock(Scope.TEST, None, D, None)
SECTION = Clock(Scope.SECTION, "reading", T0 + 10 * MINUTE, None)
QUESTION = Clock(Scope.QUESTION, "q1", None, 30_000)


def sitting(*clocks: Clock) -> Attempt:
    return replace(Scene().started().attempt, clocks=clocks)


def test_where_nothing_is_limited_there_is_no_clock() -> None:
    assert clock_until(TERMS, None, T0) == ()
    assert sitting().test_clock is UNLIMITED
    assert sitting().closes_at_ms is None
    assert sitting(SECTION).test_clock is UNLIMITED, "a section's clock is not the test's"


def test_the_tests_clock_closes_after_the_grace() -> None:
    assert sitting(TEST, SECTION).test_clock == TEST
    assert sitting(TEST, SECTION).closes_at_ms == D + TERMS.grace_ms


@pytest.mark.parametrize(("early_ms", "left_ms"), [(1, 1), (0, 0), (-1, 0)])
def test_all_clocks_stand_and_run_on_with_what_they_had(early_ms: int, left_ms: int) -> None:
    at_ms = T0 + 10 * MINUTE - early_ms
    standing = stand((TEST, SECTION, QUESTION), at_ms)
    assert standing == (
        replace(TEST, deadline_ms=None, left_ms=50 * MINUTE + early_ms),
        replace(SECTION, deadline_ms=None, left_ms=left_ms),
        QUESTION,
    )
    test, section, question = run_on(TERMS, standing, "q1", at_ms + HOUR)
    assert (test.deadline_ms, test.left_ms) == (D + HOUR, None)
    assert (section.deadline_ms, section.left_ms) == (at_ms + HOUR + left_ms, None)
    assert (question.deadline_ms, question.left_ms) == (at_ms + HOUR + 30_000, None)


def test_a_clock_is_moved_running_and_standing() -> None:
    test, question = moved(TERMS, (TEST, QUESTION), "q1", MINUTE, T0)
    assert (test.deadline_ms, question.left_ms) == (D + MINUTE, 90_000)


def given(clocks: Clocks) -> list[tuple[int, ...]]:
    return [clock.warned for clock in clocks]


def test_each_clock_gives_its_own_warnings_once() -> None:
    clocks = (TEST, replace(SECTION, warned=(5 * MINUTE,)))
    attempt = sitting(*clocks)
    at_ms = T0 + 9 * MINUTE
    assert next_notice(attempt) == at_ms
    assert list(notices(attempt, at_ms - 1)) == []
    (due,) = notices(attempt, at_ms)
    assert due == Notice(MINUTE, T0 + 10 * MINUTE, Scope.SECTION, "reading")
    warned = with_notice(TERMS, clocks, due)
    assert given(warned) == [(), BOTH]
    assert next_notice(sitting(*warned)) == D - 5 * MINUTE


def test_a_standing_clock_warns_of_nothing() -> None:
    standing = stand((TEST, SECTION), T0)
    assert next_notice(sitting(*standing)) is None
    assert list(notices(sitting(*standing), D)) == []


def test_warnings_that_lie_ahead_again_come_again() -> None:
    assert given(moved(TERMS, (replace(TEST, warned=BOTH),), None, HOUR, D)) == [()]
    assert given(run_on(TERMS, stand((replace(TEST, warned=BOTH),), D - 2 * MINUTE), None, D)) == [(5 * MINUTE,)]
