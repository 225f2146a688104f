"""Limits that only inform: "over time since" is recorded once, and nothing closes but the window."""

from typing import Any

import pytest
from msgspec.structs import replace

from protocol.attempt import view
from protocol.attempt.commands import HandIn
from protocol.attempt.events import event_of
from protocol.attempt.facts import Answered, Collected, Expired, Overran, SectionClosed, Submitted, Warned
from protocol.attempt.layout import Layout
from protocol.attempt.model import Scope, Status
from protocol.attempt.wake import next_closing, next_sweep, next_wake
from protocol.codes import Code
from tests.protocol.attempt.scene import CANDIDATE, HOUR, MINUTE, SECTIONS, T0, TIMED, Scene
from tests.protocol.attempt.test_terms import apply_rules

GRACE = 2_000


def scene(**given: Any) -> Scene:
    return Scene(soft=True, **given).started()


def happened(one: Scene, ms: int) -> list[Any]:
    return [fact for fact in one.wake_at(ms) if not isinstance(fact, Warned)]


@pytest.mark.parametrize(("off_ms", "is_over"), [(-1, False), (0, True), (1, True)])
def test_the_end_of_the_duration_only_informs(off_ms: int, is_over: bool) -> None:
    one = scene()
    assert next_sweep(one.attempt) == next_closing(one.attempt) == T0 + HOUR
    assert happened(one, HOUR + off_ms) == ([Overran(T0 + HOUR)] if is_over else [])
    assert happened(one, HOUR + off_ms) == []
    assert view.row(one.attempt, "", "", None, 0).over_since_ms == (T0 + HOUR if is_over else None)
    if is_over:
        event = event_of(one.attempt, one.records[-1])
        assert event is not None
        assert event.topic == "attempt.overran"
    one.at(3 * HOUR)
    assert [type(fact) for fact in one.facts(one.answer(1))] == [Answered]
    assert [type(fact) for fact in one.facts(HandIn(CANDIDATE, 0))] == [Submitted]


def test_she_is_warned_as_of_any_deadline_and_no_more_when_time_is_over() -> None:
    one = scene()
    warned = [fact for fact in one.wake_at(HOUR - MINUTE) if isinstance(fact, Warned)]
    assert [fact.left_ms for fact in warned] == [MINUTE]
    late = scene()
    assert late.wake_at(2 * HOUR) == [Overran(T0 + HOUR)]
    assert next_wake(late.attempt) is None


@pytest.mark.parametrize(("off_ms", "has_ended"), [(-1, False), (0, True), (1, True)])
def test_the_window_still_ends_it(off_ms: int, has_ended: bool) -> None:
    one = scene(window_closes_at_ms=T0 + 2 * HOUR)
    assert [(clock.scope, clock.soft) for clock in one.attempt.clocks] == [(Scope.TEST, True), (Scope.WINDOW, False)]
    one.wake_at(HOUR)
    closes = 2 * HOUR + GRACE
    assert next_closing(one.attempt) == T0 + closes
    assert happened(one, closes + off_ms) == ([Expired(T0 + 2 * HOUR, "")] if has_ended else [])


def test_the_window_may_come_before_the_limit() -> None:
    one = scene(window_closes_at_ms=T0 + 30 * MINUTE)
    assert happened(one, 30 * MINUTE + GRACE) == [Expired(T0 + 30 * MINUTE, "")]
    assert one.status() is Status.EXPIRED


def test_a_pause_stops_a_clock_whose_time_is_over_and_it_goes_on_from_there() -> None:
    one = scene()
    one.wake_at(HOUR)
    one.at(HOUR + 5 * MINUTE).facts(one.pause())
    (clock,) = view.state(one.attempt).clocks
    assert (clock.left_ms, clock.over_ms, clock.soft) == (0, 5 * MINUTE, True)
    one.at(HOUR + 20 * MINUTE).facts(one.resume())
    assert view.row(one.attempt, "", "", None, 0).over_since_ms == T0 + HOUR + 15 * MINUTE
    assert happened(one, HOUR + 30 * MINUTE) == []


def test_more_time_takes_it_back_and_it_is_recorded_again_when_that_is_over() -> None:
    one = scene()
    one.wake_at(HOUR)
    one.at(HOUR + MINUTE).facts(one.extend(10 * MINUTE))
    assert view.row(one.attempt, "", "", None, 0).over_since_ms is None
    assert happened(one, HOUR + 10 * MINUTE) == [Overran(T0 + HOUR + 10 * MINUTE)]


def test_staff_collect_it_as_any_other() -> None:
    one = scene(window_closes_at_ms=T0 + 3 * HOUR)
    one.wake_at(HOUR)
    one.at(2 * HOUR)
    assert [type(fact) for fact in one.facts(one.end())] == [Collected]
    assert one.refusal(one.extend()) is Code.COLLECTED
    assert happened(one, 2 * HOUR + GRACE) == [Expired(T0 + 2 * HOUR, "")]


def softened(layout: Layout) -> Layout:
    sections = []
    for section in layout.sections:
        questions = tuple(replace(laid, soft=laid.limit_ms is not None) for laid in section.questions)
        sections.append(replace(section, questions=questions, soft=section.limit_ms is not None))
    return replace(layout, sections=tuple(sections))


@pytest.mark.parametrize(("off_ms", "is_over"), [(-1, False), (0, True), (1, True)])
def test_the_limit_of_a_section_only_informs(off_ms: int, is_over: bool) -> None:
    one = Scene(layout=softened(SECTIONS)).started()
    assert happened(one, 10 * MINUTE + off_ms) == (
        [Overran(T0 + 10 * MINUTE, Scope.SECTION, "reading")] if is_over else []
    )
    one.at(15 * MINUTE).facts(one.answer(1))
    one.facts(one.enter(2, "writing"))
    assert one.attempt.closed_sections == ("reading",)
    assert not any(isinstance(fact, SectionClosed) for fact in one.wake_at(40 * MINUTE))


@pytest.mark.parametrize(("off_ms", "is_over"), [(-1, False), (0, True), (1, True)])
def test_the_limit_of_a_question_only_informs(off_ms: int, is_over: bool) -> None:
    one = Scene(layout=softened(TIMED)).started()
    assert happened(one, MINUTE + off_ms) == ([Overran(T0 + MINUTE, Scope.QUESTION, "single")] if is_over else [])
    one.at(5 * MINUTE).facts(one.answer(1))
    one.facts(one.go(2, 1))
    one.at(9 * MINUTE).facts(one.go(3, 0))
    assert not any(isinstance(fact, Overran) for fact in one.wake_at(10 * MINUTE)) or not is_over
    assert one.attempt.closed_questions == ()


def test_what_kind_of_limit_it_is_stays_as_it_was_at_the_start() -> None:
    one = scene()
    one.facts(apply_rules(duration_ms=2 * HOUR))
    assert one.attempt.pinned.soft
    assert happened(one, 2 * HOUR) == [Overran(T0 + 2 * HOUR)]
