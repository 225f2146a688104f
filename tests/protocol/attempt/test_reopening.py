"""An attempt that goes on after its end: its clock stands until the candidate is back, or runs, or there is none."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from protocol.attempt.commands import Grant
from protocol.attempt.facts import Expired, Paused, PauseForgotten, Reopened, Resumed
from protocol.attempt.model import Accommodation, Scope, Status
from protocol.attempt.sheet import accommodated
from protocol.codes import Code
from tests.protocol.attempt.scene import HOUR, MINUTE, SYSTEM, T0, TERMS, Scene
from tests.protocol.attempt.test_terms import accommodate, apply_rules, grant, in_sections, put_in_force


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


def test_staff_take_over_a_clock_that_waits_for_her() -> None:
    """In a fire alarm everybody is stopped: it must not begin to run just because she is back."""
    scene = ended()
    scene.facts(scene.reopen(10 * MINUTE, on_return=True))
    resumed, paused = scene.at(HOUR).facts(scene.pause())
    assert resumed == Resumed(T0 + HOUR, None, "taken over by staff")
    assert isinstance(paused, Paused)
    assert len(scene.facts(scene.connect("c2", connect_n=2))) == 1
    assert (scene.status(), scene.attempt.test_clock.left_ms) == (Status.PAUSED, 10 * MINUTE)


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


def left_ms(scene: Scene) -> int | None:
    """The time on the test's clock; None: there is no limit."""
    clock = scene.attempt.test_clock
    return clock.left_ms if clock.deadline_ms is None else clock.deadline_ms - scene.now_ms


@pytest.mark.parametrize("on_return", [False, True])
def test_what_was_granted_since_the_end_is_in_the_time_that_staff_give(on_return: bool) -> None:
    """It adds nothing to it, whatever is granted next; only what is granted more then does."""
    scene = ended().at(2 * HOUR)
    scene.granted = Accommodation(extra_time_ms=30 * MINUTE)
    (fact,) = scene.facts(scene.reopen(10 * MINUTE, on_return=on_return))
    assert isinstance(fact, Reopened)
    assert fact.accommodation == scene.granted == scene.attempt.accommodation
    assert scene.attempt.pinned.extra_time_ms == 30 * MINUTE
    assert left_ms(scene) == 10 * MINUTE
    assert scene.facts(grant(extra_time_ms=30 * MINUTE)) == [], "it has been followed"
    scene.facts(grant(extra_time_ms=30 * MINUTE, extra_attempts=1))
    assert left_ms(scene) == 10 * MINUTE
    scene.facts(grant(extra_time_ms=35 * MINUTE, extra_attempts=1))
    assert left_ms(scene) == 15 * MINUTE


def test_what_was_taken_back_since_the_end_stays_until_staff_say_so() -> None:
    scene = Scene()
    scene.facts(grant(extra_time_ms=30 * MINUTE))
    scene.started().at(10 * MINUTE).submitted().at(2 * HOUR)
    scene.granted = Accommodation()
    (fact,) = scene.facts(scene.reopen(10 * MINUTE))
    assert isinstance(fact, Reopened)
    assert fact.accommodation is None
    assert scene.attempt.accommodation == Accommodation(extra_time_ms=30 * MINUTE)


@pytest.mark.parametrize(("granted", "needs"), [({"unlimited_time": True}, False), ({"extra_time_ms": MINUTE}, True)])
def test_whether_it_needs_a_time_depends_on_what_is_granted_by_then(granted: dict[str, Any], needs: bool) -> None:
    scene = ended()
    scene.granted = Accommodation(**granted)
    if needs:
        assert scene.refusal(scene.reopen(None)) is Code.OUT_OF_RANGE
    else:
        scene.facts(scene.reopen(None))
        assert scene.attempt.clocks == ()


def test_unlimited_time_that_comes_and_goes_leaves_what_staff_gave() -> None:
    """She had used ten minutes of her hour: the other fifty do not come back with the limit."""
    scene = ended().at(2 * HOUR)
    scene.facts(scene.reopen(15 * MINUTE))
    scene.facts(grant(unlimited_time=True))
    assert left_ms(scene) is None
    scene.at(2 * HOUR + 5 * MINUTE).facts(put_in_force(Accommodation(), may_shorten=True))
    assert left_ms(scene) == 10 * MINUTE


def unlimited(**terms: Any) -> Scene:
    """Her time is unlimited; she has handed in after ten minutes, and staff have given her fifteen more."""
    scene = Scene(**terms)
    scene.facts(grant(unlimited_time=True))
    scene.started().at(10 * MINUTE).submitted().at(2 * HOUR)
    scene.facts(scene.reopen(15 * MINUTE))
    assert left_ms(scene) == 15 * MINUTE
    return scene


@pytest.mark.parametrize("closes_at_ms", [None, T0 + 3 * HOUR, T0 + 2 * HOUR + MINUTE])
def test_staff_put_unlimited_time_in_force_again_where_they_had_given_a_limit(closes_at_ms: int | None) -> None:
    """What follows by itself leaves the limit; her window ends it, and takes nothing from her."""
    scene = unlimited(window_closes_at_ms=closes_at_ms)
    assert scene.facts(grant(unlimited_time=True)) == [], "it has been followed"
    scene.facts(grant(unlimited_time=True, extra_attempts=1))
    assert left_ms(scene) == 15 * MINUTE
    scene.facts(put_in_force(Accommodation(unlimited_time=True)))
    expected = {None: None, T0 + 3 * HOUR: HOUR, T0 + 2 * HOUR + MINUTE: 15 * MINUTE}
    assert left_ms(scene) == expected[closes_at_ms]
    assert not scene.attempt.limit_given


@pytest.mark.parametrize("standing", [False, True])
def test_extra_time_adds_to_the_limit_that_staff_gave_in_place_of_unlimited_time(standing: bool) -> None:
    scene = unlimited(window_closes_at_ms=T0 + 9 * HOUR)
    if standing:
        scene.facts(scene.pause())
    scene.facts(accommodate(10 * MINUTE))
    assert left_ms(scene) == 25 * MINUTE
    assert not scene.attempt.pinned.unlimited_time
    scene.facts(accommodate(12 * MINUTE, "more still"))
    assert left_ms(scene) == 27 * MINUTE


def test_it_does_not_where_limits_of_sections_or_questions_would_come_back() -> None:
    scene = in_sections()
    scene.facts(grant(unlimited_time=True))
    scene.started().at(10 * MINUTE).submitted().at(2 * HOUR)
    scene.facts(scene.reopen(15 * MINUTE))
    assert scene.refusal(accommodate(10 * MINUTE)) is Code.WOULD_SHORTEN
    scene.facts(accommodate(10 * MINUTE, may_shorten=True))
    assert left_ms(scene) == 25 * MINUTE


_GRANTED = st.builds(
    Accommodation,
    extra_time_ms=st.sampled_from([0, 5 * MINUTE, 30 * MINUTE]),
    extra_attempts=st.sampled_from([0, 1]),
) | st.sampled_from([Accommodation(extra_time_permille=250), Accommodation(unlimited_time=True)])


@given(
    before=_GRANTED,
    since=_GRANTED,
    on_return=st.booleans(),
    steps=st.lists(st.tuples(_GRANTED, st.sampled_from(["table", "staff", "staff, shorter"])), max_size=6),
)
def test_after_a_reopening_no_changes_of_what_is_granted_give_more_than_they_say(
    before: Accommodation, since: Accommodation, on_return: bool, steps: list[tuple[Accommodation, str]]
) -> None:
    scene = Scene()
    scene.facts(Grant(SYSTEM, before, "a group"))
    scene.started().at(10 * MINUTE).submitted().at(3 * HOUR)
    scene.granted = since
    scene.facts(scene.reopen(45 * MINUTE, on_return=on_return))

    def more_ms(accommodation: Accommodation) -> int:
        """What is granted beyond the hour."""
        return accommodated(TERMS, replace(accommodation, unlimited_time=False)).extra_time_ms

    least_ms = more_ms(scene.attempt.accommodation)
    assert left_ms(scene) == 45 * MINUTE
    for number, (granted, by) in enumerate(steps):
        if by == "table":
            scene.offer(Grant(SYSTEM, granted, "a group"))
        else:
            scene.offer(put_in_force(granted, f"{number}", may_shorten=by != "staff"))
        now = scene.attempt.accommodation
        left = left_ms(scene)
        if left is None:
            assert now.unlimited_time
        else:
            assert left <= 45 * MINUTE + max(0, more_ms(now) - least_ms)


@pytest.mark.parametrize("on_return", [False, True])
@pytest.mark.parametrize(
    ("granted", "more_ms"),
    [
        ({"pause_budget_ms": MINUTE}, 0),
        ({"extra_time_ms": MINUTE}, MINUTE),
        ({"extra_time_ms": 2 * HOUR}, 30 * MINUTE),
        ({"unlimited_time": True}, 30 * MINUTE),
        ({"closes_at_ms": T0 + 3 * HOUR}, 0),
    ],
)
def test_other_terms_bring_no_window_back_that_staff_have_gone_beyond(
    granted: dict[str, Any], more_ms: int, on_return: bool
) -> None:
    scene = ended(soft=True, window_closes_at_ms=T0 + 90 * MINUTE).at(2 * HOUR)
    scene.facts(scene.reopen(10 * MINUTE, on_return=on_return))
    scene.facts(grant(**granted))
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
