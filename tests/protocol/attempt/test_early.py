"""Minimum times: handing in and leaving a section, at each boundary and one millisecond to either side."""

import pytest
from msgspec.structs import replace

from protocol.attempt import view
from protocol.attempt.commands import HandIn
from protocol.attempt.facts import Collected, Expired, SectionClosed, SectionEntered, Submitted
from protocol.codes import Code
from protocol.errors import Refusal
from protocol.messages.operations import Submit
from tests.protocol.attempt.scene import CANDIDATE, HOUR, MINUTE, SECTIONS, T0, Scene

LEAVING = replace(SECTIONS, sections=tuple(replace(one, min_ms=5 * MINUTE) for one in SECTIONS.sections))
"""Each section is sat for five minutes at least."""


def scene(**given: object) -> Scene:
    return Scene(min_time_ms=20 * MINUTE, **given).started()  # type: ignore[arg-type]


@pytest.mark.parametrize("numbered", [True, False])
@pytest.mark.parametrize(("off_ms", "is_early"), [(-1, True), (0, False), (1, False)])
def test_handing_in_is_too_early_until_the_millisecond(numbered: bool, off_ms: int, is_early: bool) -> None:
    one = scene().at(20 * MINUTE + off_ms)
    command = one.operate(Submit(1, 0)) if numbered else HandIn(CANDIDATE, 0)
    if is_early:
        assert one.refusal(command) is Code.TOO_EARLY
        assert one.attempt.last_n == 0
    else:
        assert [type(fact) for fact in one.facts(command)] == [Submitted]


def test_the_refusal_says_from_when_and_so_does_the_state() -> None:
    one = scene().at(5 * MINUTE + 30_500)
    refusal = one.offer(HandIn(CANDIDATE, 0))
    assert isinstance(refusal, Refusal)
    assert refusal.detail == "You can hand in in 14 min 30 s. Until then, go on with the test."
    assert view.state(one.attempt).hand_in_from_ms == T0 + 20 * MINUTE
    assert view.state(Scene().started().attempt).hand_in_from_ms is None


@pytest.mark.parametrize(("off_ms", "is_early"), [(-1, True), (0, False), (1, False)])
def test_a_pause_makes_the_instant_later(off_ms: int, is_early: bool) -> None:
    one = scene().at(10 * MINUTE)
    one.facts(one.pause())
    assert view.state(one.at(15 * MINUTE).attempt).hand_in_from_ms is None
    assert one.refusal(HandIn(CANDIDATE, 0)) is Code.PAUSED
    one.at(17 * MINUTE).facts(one.resume())
    assert view.state(one.attempt).hand_in_from_ms == T0 + 27 * MINUTE
    one.at(27 * MINUTE + off_ms)
    assert isinstance(one.offer(HandIn(CANDIDATE, 0)), Refusal) is is_early


def test_a_lost_connection_that_stops_the_clock_makes_it_later_too() -> None:
    one = Scene(min_time_ms=20 * MINUTE, pause_on_disconnect=True).connected().started()
    one.at(10 * MINUTE).facts(one.disconnect(last_contact_ms=9 * MINUTE))
    one.at(12 * MINUTE).facts(one.connect("c2", "c1"))
    assert view.state(one.attempt).hand_in_from_ms == T0 + 23 * MINUTE


def test_extra_time_leaves_the_minimum_as_it_is() -> None:
    one = Scene(30 * MINUTE, min_time_ms=20 * MINUTE).started()
    assert view.state(one.attempt).hand_in_from_ms == T0 + 20 * MINUTE


def test_time_between_an_end_and_its_undoing_does_not_count() -> None:
    one = scene().at(25 * MINUTE)
    one.submitted().at(40 * MINUTE).facts(one.reopen(10 * MINUTE))
    assert view.state(one.attempt).hand_in_from_ms == T0 + 40 * MINUTE
    early = scene().at(5 * MINUTE)
    early.facts(early.cancel())
    early.at(9 * MINUTE).facts(early.reinstate())
    assert view.state(early.attempt).hand_in_from_ms == T0 + 24 * MINUTE


@pytest.mark.parametrize(("off_ms", "is_early"), [(-1, True), (0, False), (1, False)])
def test_the_deadline_comes_first(off_ms: int, is_early: bool) -> None:
    """The window ends her time before the minimum has passed: what she hands in then is never too early."""
    one = scene(window_closes_at_ms=T0 + 10 * MINUTE).at(10 * MINUTE + off_ms)
    assert isinstance(one.offer(HandIn(CANDIDATE, 0)), Refusal) is is_early


def test_what_staff_and_the_clock_do_is_never_too_early() -> None:
    one = scene().at(MINUTE)
    assert [type(fact) for fact in one.facts(one.end())] == [Collected]
    assert [type(fact) for fact in one.facts(HandIn(CANDIDATE, 0))] == [Submitted]
    other = scene(window_closes_at_ms=T0 + 10 * MINUTE)
    assert [type(fact) for fact in other.wake_at(10 * MINUTE + 2_000)] == [Expired]


@pytest.mark.parametrize(("off_ms", "is_early"), [(-1, True), (0, False), (1, False)])
def test_leaving_a_section_is_too_early_until_the_millisecond(off_ms: int, is_early: bool) -> None:
    one = Scene(layout=LEAVING).started()
    one.at(7 * MINUTE).facts(one.enter(1, "writing"))
    assert view.state(one.attempt).leave_from_ms == T0 + 12 * MINUTE
    one.at(9 * MINUTE).facts(one.pause())
    one.at(10 * MINUTE).facts(one.resume())
    one.at(13 * MINUTE + off_ms)
    if is_early:
        assert one.refusal(one.enter(2, "sums")) is Code.TOO_EARLY
        assert one.refusal(HandIn(CANDIDATE, 0)) is Code.TOO_EARLY
    else:
        assert [type(fact) for fact in one.facts(one.enter(2, "sums"))] == [SectionEntered]


def test_a_section_whose_time_is_up_is_left_at_any_time() -> None:
    one = Scene(layout=LEAVING, min_time_ms=HOUR).started()
    facts = one.wake_at(10 * MINUTE + 2_000)
    assert [type(fact) for fact in facts if not hasattr(fact, "left_ms")] == [SectionClosed]
    assert view.state(one.attempt).leave_from_ms is None
    one.facts(one.enter(1, "writing"))
    assert one.refusal(HandIn(CANDIDATE, 0)) is Code.TOO_EARLY
