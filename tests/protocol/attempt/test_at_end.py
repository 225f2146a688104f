"""What the end of the time does: collect, leave some time for handing in, or abandon."""

from typing import Any

import pytest
from msgspec.structs import replace

from protocol.attempt import view
from protocol.attempt.commands import HandIn
from protocol.attempt.facts import Abandoned, Accepted, Answered, Expired, SectionClosed, Submitted, Warned
from protocol.attempt.finality import not_after_ms
from protocol.attempt.model import Status
from protocol.attempt.wake import next_closing, next_sweep
from protocol.codes import Code
from protocol.errors import Refusal
from protocol.messages.operations import Submit
from protocol.messages.staff import AcceptAttempt
from tests.protocol.attempt.scene import CANDIDATE, HOUR, IDENTITY, MINUTE, SECTIONS, T0, Scene

GRACE = 2_000
FIVE = 5 * MINUTE


def scene(at_end: str, **given: Any) -> Scene:
    return Scene(at_end=at_end, hand_in_ms=FIVE if at_end == "hand_in" else 0, **given).started()


def ends_of(one: Scene, ms: int) -> list[Any]:
    return [fact for fact in one.wake_at(ms) if not isinstance(fact, Warned)]


@pytest.mark.parametrize(
    ("at_end", "closes", "fact", "status"),
    [
        ("submit", HOUR + GRACE, Expired(T0 + HOUR, ""), Status.EXPIRED),
        ("abandon", HOUR + GRACE, Abandoned(T0 + HOUR), Status.ABANDONED),
        ("hand_in", HOUR + FIVE + GRACE, Abandoned(T0 + HOUR + FIVE), Status.ABANDONED),
    ],
)
def test_what_becomes_of_an_attempt_that_is_not_handed_in(at_end: str, closes: int, fact: Any, status: Status) -> None:
    one = scene(at_end)
    one.facts(one.answer(1))
    assert next_closing(one.attempt) == next_sweep(one.attempt) == T0 + closes
    assert ends_of(one, closes - 1) == []
    assert ends_of(one, closes) == [fact]
    assert one.status() is status
    assert one.attempt.ended_at_ms == fact.at_ms
    assert one.attempt.answered == 1


@pytest.mark.parametrize("off_ms", [-1, 0, 1])
def test_after_the_deadline_handing_in_alone_is_accepted(off_ms: int) -> None:
    one = scene("hand_in")
    answering = one.at(HOUR + GRACE + off_ms).offer(one.answer(1))
    assert isinstance(answering, Refusal) is (off_ms >= 0)
    until = scene("hand_in").at(HOUR + FIVE + GRACE + off_ms)
    assert isinstance(until.offer(HandIn(CANDIDATE, 0)), Refusal) is (off_ms >= 0)


def test_what_was_typed_before_is_collected_as_at_any_deadline() -> None:
    one = scene("hand_in").at(HOUR + GRACE - 1)
    assert [type(fact) for fact in one.facts(one.answer(1))] == [Answered]
    one.at(HOUR + MINUTE)
    for writing in one.operations(2)[1:4]:
        assert one.refusal(writing) is Code.DEADLINE_PASSED
    assert [type(fact) for fact in one.facts(one.operate(Submit(2, 0)))] == [Submitted]
    assert one.attempt.answered == 1


@pytest.mark.parametrize("numbered", [True, False])
def test_a_hand_in_that_waits_for_the_log_is_not_written_after_its_time(numbered: bool) -> None:
    one = scene("hand_in").at(HOUR + MINUTE)
    command = one.operate(Submit(1, 0)) if numbered else HandIn(CANDIDATE, 0)
    records = one.offer(command)
    assert isinstance(records, tuple)
    before = scene("hand_in").attempt
    assert not_after_ms(before, command, records) == T0 + HOUR + FIVE + GRACE


def test_the_state_says_until_when() -> None:
    assert view.state(scene("hand_in").attempt).hand_in_until_ms == T0 + HOUR + FIVE
    assert view.state(scene("submit").attempt).hand_in_until_ms is None
    assert view.state(scene("abandon").attempt).hand_in_until_ms is None


def test_staff_may_help_in_the_time_for_handing_in() -> None:
    one = scene("hand_in").at(HOUR + MINUTE)
    one.facts(one.message())
    one.facts(one.extend(10 * MINUTE))
    assert one.attempt.test_clock.deadline_ms == T0 + HOUR + 10 * MINUTE
    assert [type(fact) for fact in one.facts(one.answer(1))] == [Answered]


@pytest.mark.parametrize("at_end", ["hand_in", "abandon"])
@pytest.mark.parametrize("at", [MINUTE, HOUR])
def test_what_staff_collect_is_never_abandoned(at_end: str, at: int) -> None:
    one = scene(at_end).at(at)
    one.facts(one.end())
    assert view.state(one.attempt).hand_in_until_ms is None
    assert ends_of(one, at + GRACE - 1) == []
    assert ends_of(one, at + GRACE) == [Expired(T0 + at, "")]


def accept(reason: str = "her device failed") -> AcceptAttempt:
    return AcceptAttempt("accept-1", IDENTITY.attempt_id, reason)


def test_staff_accept_what_was_abandoned() -> None:
    one = scene("abandon")
    one.wake_at(HOUR + GRACE)
    assert one.status() is Status.ABANDONED
    assert one.offer(one.assess()) == ()
    assert one.refusal(one.steer(accept(" "))) is Code.REASON_REQUIRED
    reference = one.attempt.reference
    assert one.facts(one.steer(accept())) == [Accepted("accept-1", "her device failed")]
    assert one.facts(one.steer(accept())) == []
    assert one.status() is Status.SUBMITTED
    assert (one.attempt.ended_as, one.attempt.ended_at_ms) == (Status.SUBMITTED, T0 + HOUR)
    assert one.attempt.reference == reference
    one.facts(one.assess())
    assert one.status() is Status.COMPLETED


def test_staff_reopen_what_was_abandoned() -> None:
    one = scene("abandon")
    one.wake_at(HOUR + GRACE)
    one.facts(one.reopen(10 * MINUTE))
    assert ends_of(one, HOUR + GRACE + 10 * MINUTE + GRACE) == [Abandoned(T0 + HOUR + GRACE + 10 * MINUTE)]


@pytest.mark.parametrize("at_end", ["submit", "hand_in"])
def test_only_what_was_abandoned_is_accepted(at_end: str) -> None:
    one = scene(at_end)
    assert one.refusal(one.steer(accept())) is Code.NOT_ABANDONED
    one.submitted()
    assert one.refusal(one.steer(accept())) is Code.NOT_ABANDONED


def test_what_was_abandoned_is_neither_marked_nor_changed() -> None:
    one = scene("abandon")
    one.wake_at(HOUR + GRACE)
    assert one.refusal(one.mark()) is Code.ABANDONED
    assert one.refusal(one.answer(1)) is Code.ABANDONED
    assert one.refusal(one.extend()) is Code.ABANDONED


LIMITED = replace(SECTIONS, sections=tuple(replace(one, limit_ms=10 * MINUTE) for one in SECTIONS.sections))


def test_a_test_that_ends_with_its_last_section_leaves_time_for_handing_in_too() -> None:
    one = Scene(layout=LIMITED, duration_ms=None, at_end="hand_in", hand_in_ms=FIVE).started()
    one.at(MINUTE).facts(one.enter(1, "writing"))
    one.at(2 * MINUTE).facts(one.enter(2, "sums"))
    assert ends_of(one, 12 * MINUTE + GRACE) == [SectionClosed("sums", T0 + 12 * MINUTE)]
    assert view.state(one.attempt).hand_in_until_ms == T0 + 17 * MINUTE
    assert one.status() is Status.IN_PROGRESS
    assert ends_of(one, 17 * MINUTE + GRACE) == [Abandoned(T0 + 17 * MINUTE)]
