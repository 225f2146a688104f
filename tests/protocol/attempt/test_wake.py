"""When somebody must look again: never forgotten, never in the past, and looking twice changes nothing."""

import pytest

from protocol.attempt.commands import Wake
from protocol.attempt.facts import Expired, Resumed, Warned
from protocol.attempt.model import Status
from protocol.attempt.wake import next_closing, next_wake, wakes_alike
from tests.protocol.attempt.scene import HOUR, MINUTE, SYSTEM, T0, Scene, scene_in


def test_an_hour_from_wake_to_wake() -> None:
    scene = Scene().started()
    happened = []
    while (wake_ms := next_wake(scene.attempt)) is not None:
        assert scene.wake_at(wake_ms - T0 - 1) == []
        happened.append((wake_ms - T0, scene.wake_at(wake_ms - T0)))
        assert scene.facts(Wake(SYSTEM)) == []
    deadline_ms = T0 + HOUR
    assert happened == [
        (55 * MINUTE, [Warned(5 * MINUTE, deadline_ms)]),
        (59 * MINUTE, [Warned(MINUTE, deadline_ms)]),
        (HOUR + 2_000, [Expired(deadline_ms, "")]),
    ]


@pytest.mark.parametrize("at_ms", [55 * MINUTE + 1, 59 * MINUTE, HOUR - 1])
def test_of_missed_warnings_only_the_most_urgent_is_given(at_ms: int) -> None:
    scene = Scene().started()
    facts = scene.wake_at(at_ms)
    assert facts == [Warned(MINUTE if at_ms >= 59 * MINUTE else 5 * MINUTE, T0 + HOUR)]


@pytest.mark.parametrize("at_ms", [HOUR, HOUR + 1, HOUR + 1_999])
def test_nobody_was_awake_until_the_grace(at_ms: int) -> None:
    scene = Scene().started()
    assert scene.wake_at(at_ms) == [Warned(0, T0 + HOUR)]
    assert next_wake(scene.attempt) == T0 + HOUR + 2_000
    assert scene.facts(Wake(SYSTEM)) == []


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.IN_PROGRESS])
def test_nothing_is_due_where_no_clock_runs(status: Status) -> None:
    attempt = scene_in(status).attempt
    assert next_wake(attempt) is None
    assert next_closing(attempt) is None


def test_without_a_time_limit_nothing_is_due() -> None:
    attempt = Scene(duration_ms=None).started().attempt
    assert next_wake(attempt) is None
    assert next_closing(attempt) is None


def test_without_warnings_only_the_closing_is_due() -> None:
    attempt = Scene(warnings_ms=()).started().attempt
    assert next_wake(attempt) == next_closing(attempt) == T0 + HOUR + 2_000


def test_the_closing_does_not_wait_for_warnings() -> None:
    attempt = Scene().started().attempt
    assert next_wake(attempt) == T0 + 55 * MINUTE
    assert next_closing(attempt) == T0 + HOUR + 2_000


def test_the_end_of_the_pause_budget_is_due() -> None:
    scene = Scene(pause_on_disconnect=True).connected().started().at(10 * MINUTE)
    scene.facts(scene.disconnect())
    assert next_wake(scene.attempt) == next_closing(scene.attempt) == T0 + 15 * MINUTE
    assert scene.wake_at(15 * MINUTE) == [Resumed(T0 + 15 * MINUTE, None, "pause budget used up")]
    assert next_wake(scene.attempt) == T0 + HOUR
    assert next_closing(scene.attempt) == T0 + HOUR + 5 * MINUTE + 2_000


def test_an_answer_leaves_the_alarm_as_it_is() -> None:
    scene = Scene().started()
    before = scene.attempt
    scene.facts(scene.answer(1))
    assert wakes_alike(before, scene.attempt)
    before = scene.attempt
    scene.facts(scene.extend(MINUTE))
    assert not wakes_alike(before, scene.attempt)
