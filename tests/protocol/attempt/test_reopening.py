"""An attempt that goes on after its end: its clock stands until the candidate is back, or runs, or there is none."""

from typing import Any

import pytest

from protocol.attempt.facts import Expired, PauseForgotten, Reopened, Resumed
from protocol.attempt.model import Accommodation, Scope, Status
from protocol.codes import Code
from tests.protocol.attempt.scene import HOUR, MINUTE, T0, Scene
from tests.protocol.attempt.test_terms import apply_rules, grant, put_in_force


def ended(**terms: Any) -> Scene:
    """She has handed in after ten minutes, and has left."""
    scene = Scene(**terms).connected().started().at(10 * MINUTE).submitted()
    scene.facts(scene.disconnect())
    return scene


@pytest.mark.parametrize("off_ms", [-1, 0, 1])
def test_the_clock_may_wait_for_the_candidate(off_ms: int) -> None:
    scene = ended().at(5 * HOUR)
    (fact,) = scene.facts(scene.reopen(10 * MINUTE, on_return=True))
    assert fact == Reopened(10 * MINUTE, "command-1", "submitted by mistake", True)
    assert (scene.status(), scene.attempt.test_clock.left_ms) == (Status.PAUSED, 10 * MINUTE)
    assert (scene.attempt.ended_at_ms, scene.attempt.ended_as, scene.attempt.reference) == (None, None, None)
    assert scene.wake_at(20 * HOUR) == [], "it waits for as long as it takes"
    scene.facts(scene.connect("c2", connect_n=2))
    assert (scene.status(), scene.attempt.test_clock.deadline_ms) == (Status.IN_PROGRESS, T0 + 20 * HOUR + 10 * MINUTE)
    ends = scene.wake_at(20 * HOUR + 10 * MINUTE + 2_000 + off_ms)
    assert any(isinstance(one, Expired) for one in ends) is (off_ms >= 0)


def test_or_runs_from_now() -> None:
    scene = ended().at(5 * HOUR)
    scene.facts(scene.reopen(10 * MINUTE))
    assert (scene.status(), scene.attempt.test_clock.deadline_ms) == (Status.IN_PROGRESS, T0 + 5 * HOUR + 10 * MINUTE)


def test_whoever_is_there_is_not_waited_for() -> None:
    scene = Scene().connected().started().at(MINUTE).submitted()
    scene.facts(scene.reopen(10 * MINUTE, on_return=True))
    assert (scene.status(), scene.attempt.test_clock.deadline_ms) == (Status.IN_PROGRESS, T0 + 11 * MINUTE)


def test_staff_may_let_the_clock_run_without_her() -> None:
    scene = ended()
    scene.facts(scene.reopen(10 * MINUTE, on_return=True))
    (resumed,) = scene.at(HOUR).facts(scene.resume())
    assert isinstance(resumed, Resumed)
    assert scene.attempt.test_clock.deadline_ms == T0 + HOUR + 10 * MINUTE


def test_time_is_added_while_it_waits() -> None:
    scene = ended()
    scene.facts(scene.reopen(10 * MINUTE, on_return=True))
    scene.facts(scene.extend(5 * MINUTE))
    assert scene.attempt.test_clock.left_ms == 15 * MINUTE


@pytest.mark.parametrize("off_ms", [-1, 0, 1])
def test_after_the_window_whoever_never_comes_is_collected_some_time_later(off_ms: int) -> None:
    scene = ended(window_closes_at_ms=T0 + HOUR, pause_grace_ms=30 * MINUTE).at(2 * HOUR)
    scene.facts(scene.reopen(10 * MINUTE, on_return=True))
    assert scene.wake_at(2 * HOUR + 30 * MINUTE - 1) == []
    assert scene.wake_at(2 * HOUR + 30 * MINUTE) == [PauseForgotten(T0 + 2 * HOUR + 30 * MINUTE)]
    ends = scene.wake_at(3 * HOUR + off_ms)
    assert [type(one) for one in ends] == ([Expired] if off_ms >= 0 else [])


@pytest.mark.parametrize("on_return", [False, True])
def test_without_a_limit_it_is_reopened_without_one(on_return: bool) -> None:
    scene = ended(duration_ms=None)
    (fact,) = scene.facts(scene.reopen(None, on_return=on_return))
    assert isinstance(fact, Reopened)
    assert (fact.left_ms, scene.attempt.clocks) == (None, ())
    assert scene.status() is (Status.PAUSED if on_return else Status.IN_PROGRESS)
    scene.facts(grant(extra_time_ms=MINUTE))
    assert scene.wake_at(100 * HOUR) == [], "nothing ends it"
    scene.facts(scene.connect("c2", connect_n=2))
    scene.facts(scene.answer(1, "a"))
    scene.submitted()
    assert scene.status() is Status.SUBMITTED


def test_nor_does_one_that_was_granted_no_limit_need_a_time() -> None:
    scene = Scene()
    scene.facts(grant(unlimited_time=True))
    scene.started().submitted()
    scene.facts(scene.reopen(None))
    assert scene.attempt.clocks == ()


@pytest.mark.parametrize(
    "terms",
    [
        {},
        {"duration_ms": None, "window_closes_at_ms": T0 + HOUR},
        {"soft": True},
        {"soft": True, "duration_ms": None, "window_closes_at_ms": T0 + HOUR},
    ],
)
def test_without_a_time_only_what_had_no_limit_is_reopened(terms: dict[str, Any]) -> None:
    scene = ended(**terms)
    assert scene.refusal(scene.reopen(None)) is Code.OUT_OF_RANGE
    scene.facts(scene.reopen(10 * MINUTE))


def test_a_repeated_command_is_done_once_and_another_one_is_none() -> None:
    scene = ended()
    command = scene.reopen(10 * MINUTE, on_return=True)
    scene.facts(command)
    assert scene.facts(command) == []
    scene.facts(put_in_force(Accommodation(extra_time_ms=MINUTE)))
    assert scene.attempt.test_clock.left_ms == 11 * MINUTE


@pytest.mark.parametrize("on_return", [False, True])
@pytest.mark.parametrize(
    ("given", "more_ms"),
    [
        ({"pause_budget_ms": MINUTE}, 0),
        ({"extra_time_ms": MINUTE}, MINUTE),
        ({"extra_time_ms": 2 * HOUR}, 30 * MINUTE),
        ({"unlimited_time": True}, 30 * MINUTE),
        ({"closes_at_ms": T0 + 3 * HOUR}, 0),
    ],
)
def test_other_terms_bring_no_window_back_that_staff_have_gone_beyond(
    given: dict[str, Any], more_ms: int, on_return: bool
) -> None:
    scene = ended(soft=True, window_closes_at_ms=T0 + 90 * MINUTE).at(2 * HOUR)
    scene.facts(scene.reopen(10 * MINUTE, on_return=on_return))
    scene.facts(grant(**given))
    (clock,) = scene.attempt.clocks
    assert (clock.scope, clock.soft) == (Scope.TEST, False)
    if on_return:
        assert clock.left_ms == 10 * MINUTE + more_ms
    else:
        assert clock.deadline_ms == T0 + 2 * HOUR + 10 * MINUTE + more_ms


def test_without_window_and_limit_nothing_ends_what_was_reopened() -> None:
    scene = ended(soft=True).at(2 * HOUR)
    scene.facts(scene.reopen(10 * MINUTE))
    scene.facts(grant(unlimited_time=True))
    assert scene.attempt.clocks == ()


def test_the_newest_rules_reach_what_was_reopened_after_a_soft_limit() -> None:
    scene = ended(soft=True, window_closes_at_ms=T0 + HOUR).at(2 * HOUR)
    scene.facts(scene.reopen(10 * MINUTE))
    scene.facts(apply_rules(soft=True, window_closes_at_ms=T0 + HOUR, pause_budget_ms=7 * MINUTE))
    (clock,) = scene.attempt.clocks
    assert clock.deadline_ms == T0 + 2 * HOUR + 10 * MINUTE
