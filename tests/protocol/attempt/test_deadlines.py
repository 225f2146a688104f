"""The arithmetic of clocks: start, window, extra time, pauses, budget, warnings."""

import pytest
from msgspec.structs import replace

from protocol.attempt.deadlines import (
    budget_end,
    deadline_at_start,
    due_warning,
    left_at,
    moot_warnings,
    next_warning,
)
from protocol.attempt.model import Pause
from tests.protocol.attempt.scene import TERMS

D = 10_000_000


@pytest.mark.parametrize(
    ("duration_ms", "extra_ms", "window_ms", "deadline_ms"),
    [
        (5_000, 0, None, D + 5_000),
        (5_000, 2_500, None, D + 7_500),
        (5_000, 2_500, D + 6_000, D + 6_000),
        (5_000, 0, D + 5_000, D + 5_000),
        (5_000, 0, D + 5_001, D + 5_000),
        (None, 2_500, D + 6_000, D + 6_000),
        (None, 0, None, None),
    ],
)
def test_the_deadline_at_the_start(
    duration_ms: int | None, extra_ms: int, window_ms: int | None, deadline_ms: int | None
) -> None:
    terms = replace(TERMS, duration_ms=duration_ms, extra_time_ms=extra_ms, window_closes_at_ms=window_ms)
    assert deadline_at_start(terms, D) == deadline_ms


@pytest.mark.parametrize(("at_ms", "left_ms"), [(D - 1, 1), (D, 0), (D + 1, 0)])
def test_time_left_is_never_negative(at_ms: int, left_ms: int) -> None:
    assert left_at(D, at_ms) == left_ms


@pytest.mark.parametrize(("used_ms", "end_ms"), [(0, D + 300_000), (100_000, D + 200_000), (400_000, D)])
def test_the_pause_budget_ends(used_ms: int, end_ms: int) -> None:
    assert budget_end(TERMS, Pause(D, True), used_ms) == end_ms
    assert budget_end(TERMS, Pause(D, False), used_ms) is None
    assert budget_end(TERMS, None, used_ms) is None


WARNINGS = (300_000, 60_000)


@pytest.mark.parametrize(
    ("before_ms", "moot"),
    [(300_001, ()), (300_000, (300_000,)), (60_001, (300_000,)), (60_000, WARNINGS), (0, WARNINGS), (-1, WARNINGS)],
)
def test_a_clock_that_begins_to_run_owes_only_what_lies_ahead(before_ms: int, moot: tuple[int, ...]) -> None:
    assert moot_warnings(TERMS, D, D - before_ms) == moot


@pytest.mark.parametrize(
    ("warned", "before_ms", "due_ms"),
    [
        ((), 300_001, None),
        ((), 300_000, 300_000),
        ((), 60_001, 300_000),
        ((), 60_000, 60_000),
        ((), 1, 60_000),
        ((300_000,), 60_001, None),
        ((300_000,), 60_000, 60_000),
        (WARNINGS, 1, None),
        (WARNINGS, 0, None),
        ((300_000,), 0, 0),
        ((), -1, 0),
    ],
)
def test_the_most_urgent_warning_is_given_and_after_the_deadline_there_is_only_zero(
    warned: tuple[int, ...], before_ms: int, due_ms: int | None
) -> None:
    assert due_warning(TERMS, D, warned, D - before_ms) == due_ms


def test_the_next_warning() -> None:
    assert next_warning(TERMS, D, ()) == D - 300_000
    assert next_warning(TERMS, D, (300_000,)) == D - 60_000
    assert next_warning(TERMS, D, WARNINGS) is None
