"""A test whose time counts from its opening for everybody."""

from typing import Any

import pytest

from protocol.attempt.commands import Begin, Grant, Steer
from protocol.attempt.facts import Absent
from protocol.attempt.model import Accommodation, Status
from protocol.codes import Code
from protocol.errors import Refusal
from protocol.messages.staff import AccommodateAttempt
from tests.protocol.attempt.scene import CANDIDATE, HOUR, IDENTITY, MINUTE, SERVICE, SYSTEM, T0, Scene

OPENS = 10 * MINUTE


def scene(extra_time_ms: int = 0, **given: Any) -> Scene:
    return Scene(extra_time_ms, synchronised=True, window_opens_at_ms=T0 + OPENS, **given)


@pytest.mark.parametrize("late_ms", [0, 1, 5 * MINUTE, HOUR - 1])
@pytest.mark.parametrize("extra_ms", [0, 15 * MINUTE])
def test_everybodys_time_counts_from_the_opening(late_ms: int, extra_ms: int) -> None:
    one = scene(extra_ms).at(OPENS + late_ms).started()
    assert one.attempt.test_clock.deadline_ms == T0 + OPENS + HOUR + extra_ms


@pytest.mark.parametrize(("off_ms", "may"), [(-1, True), (0, False), (1, False)])
def test_nobody_begins_when_the_time_is_up(off_ms: int, may: bool) -> None:
    one = scene().at(OPENS + HOUR + off_ms)
    decision = one.offer(Begin(CANDIDATE, 0))
    if may:
        assert one.status() is Status.IN_PROGRESS
    else:
        assert isinstance(decision, Refusal)
        assert decision.code is Code.WINDOW_CLOSED


def test_where_the_time_only_informs_whoever_comes_late_begins_when_it_is_over() -> None:
    one = scene(soft=True).at(OPENS + HOUR + 1).started()
    assert one.status() is Status.IN_PROGRESS
    assert one.attempt.test_clock.deadline_ms == T0 + OPENS + HOUR


@pytest.mark.parametrize(("off_ms", "absent"), [(-1, False), (0, True), (1, True)])
def test_whoever_has_not_begun_by_then_was_absent(off_ms: int, absent: bool) -> None:
    facts = scene().wake_at(OPENS + HOUR + off_ms)
    assert facts == ([Absent(T0 + OPENS + HOUR)] if absent else [])


def test_the_window_still_ends_it() -> None:
    one = scene(window_closes_at_ms=T0 + OPENS + 30 * MINUTE).at(OPENS).started()
    assert one.attempt.test_clock.deadline_ms == T0 + OPENS + 30 * MINUTE


def test_a_window_of_her_own_moves_her_time() -> None:
    one = scene()
    one.facts(Grant(SYSTEM, Accommodation(opens_at_ms=T0 + 20 * MINUTE), "her own window"))
    one.at(25 * MINUTE).started()
    assert one.attempt.test_clock.deadline_ms == T0 + 20 * MINUTE + HOUR


def test_an_earlier_opening_takes_no_time_from_a_running_clock() -> None:
    one = scene().at(15 * MINUTE).started()
    one.facts(Grant(SYSTEM, Accommodation(opens_at_ms=T0 + 5 * MINUTE, extra_attempts=1), "a group"))
    assert one.attempt.test_clock.deadline_ms == T0 + OPENS + HOUR
    order = AccommodateAttempt("c", IDENTITY.attempt_id, None, "agreed", may_shorten=True)
    one.facts(Steer(SERVICE, order, accommodation=Accommodation(opens_at_ms=T0 + 5 * MINUTE)))
    assert one.attempt.test_clock.deadline_ms == T0 + 5 * MINUTE + HOUR
