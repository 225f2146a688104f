"""What time, marks and rights allow. The edges are in test_edges.py."""

from typing import Any

import pytest
from msgspec.structs import replace

from protocol import limits
from protocol.attempt.commands import Assess, Begin, HandIn, Regrade, Steer
from protocol.attempt.facts import (
    Assessed,
    Completed,
    DeviceAllowed,
    Expired,
    HandMarked,
    Reopened,
    Started,
)
from protocol.attempt.model import Actor, Role, Status
from protocol.codes import Code
from protocol.messages.operations import Start, Submit
from protocol.messages.staff import (
    AllowDevice,
    MessageAttempt,
)
from tests.protocol.attempt.scene import (
    CANDIDATE,
    HOUR,
    IDENTITY,
    INSTRUCTOR,
    LAYOUT,
    MINUTE,
    SERVICE,
    SYSTEM,
    T0,
    Scene,
    scene_in,
)

# ── the clock ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_answer_is_accepted_until_the_last_millisecond_of_the_grace() -> None:
    scene = Scene().started()
    assert scene.attempt.closes_at_ms == T0 + HOUR + 2_000
    scene.at(HOUR).facts(scene.answer(1))
    scene.at(HOUR + 1_999).facts(scene.answer(2))
    assert scene.at(HOUR + 2_000).refusal(scene.answer(3)) is Code.DEADLINE_PASSED


@pytest.mark.parametrize(
    "make",
    [lambda s: HandIn(CANDIDATE, 0), lambda s: s.operate(Submit(1, 0)), Scene.cancel],
    ids=["hand in", "submit", "cancel"],
)
def test_submission_and_staff_have_the_same_boundary(make: Any) -> None:
    early, late = Scene().started().at(HOUR + 1_999), Scene().started().at(HOUR + 2_000)
    early.facts(make(early))
    assert late.refusal(make(late)) is Code.DEADLINE_PASSED


def test_without_grace_the_deadline_is_the_boundary() -> None:
    scene = Scene(grace_ms=0).started()
    scene.at(HOUR - 1).facts(scene.answer(1))
    assert scene.at(HOUR).refusal(scene.answer(2)) is Code.DEADLINE_PASSED


def test_without_a_time_limit_nothing_is_ever_late() -> None:
    scene = Scene(duration_ms=None).started().at(10_000 * HOUR)
    scene.facts(scene.answer(1))
    scene.facts(HandIn(CANDIDATE, 0))


def test_the_clients_clock_decides_nothing() -> None:
    early, late = Scene().started(), Scene().started()
    early.at(HOUR + 2_000)
    assert early.refusal(early.answer(1, client_at_ms=T0)) is Code.DEADLINE_PASSED
    late.facts(late.answer(1, client_at_ms=T0 + 100 * HOUR))


def test_the_window_bounds_the_start_half_open() -> None:
    scene = Scene(window_opens_at_ms=T0 + 100, window_closes_at_ms=T0 + 200)
    assert scene.at(99).refusal(Begin(CANDIDATE, 0)) is Code.NOT_OPEN_YET
    assert scene.at(200).refusal(scene.operate(Start(1, None, 0))) is Code.WINDOW_CLOSED
    scene.at(199).facts(Begin(CANDIDATE, 0))
    assert scene.attempt.test_clock.deadline_ms == T0 + 200
    first = Scene(window_opens_at_ms=T0 + 100, window_closes_at_ms=T0 + 200).at(100)
    assert first.facts(first.operate(Start(1, None, 7))) == [Started(1, 7, 1, first.sheet.terms, LAYOUT)]


def test_extra_time_is_on_top() -> None:
    scene = Scene(extra_time_ms=15 * MINUTE).started()
    assert scene.attempt.test_clock.deadline_ms == T0 + HOUR + 15 * MINUTE


# ── waking ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_expiry_is_stamped_with_the_deadline_however_late_it_is_noticed() -> None:
    for late_ms in (2_000, 3_000, 1_000 * HOUR):
        scene = Scene().started()
        assert scene.wake_at(HOUR + late_ms)[-1:] == [Expired(T0 + HOUR, "")]
        assert scene.attempt.ended_at_ms == T0 + HOUR
        assert scene.records[-1].entry.at_ms == T0 + HOUR + late_ms


def test_nothing_is_closed_a_millisecond_early() -> None:
    scene = Scene().started()
    scene.wake_at(HOUR + 1_999)
    assert scene.status() is Status.IN_PROGRESS
    scene.wake_at(HOUR + 2_000)
    assert scene.status() is Status.EXPIRED


# ── reopening ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_reopened_attempt_goes_on_where_it_ended() -> None:
    scene = Scene().connected().started()
    scene.facts(scene.answer(1, "a"))
    scene.at(MINUTE).facts(scene.operate(Submit(2, 0)))
    scene.facts(scene.mark())
    scene.facts(scene.assess())
    first_end = scene.attempt.reference
    scene.at(10 * HOUR)
    assert scene.facts(scene.reopen(10 * MINUTE)) == [Reopened(10 * MINUTE, "command-2", "submitted by mistake")]
    attempt = scene.attempt
    assert attempt.test_clock.deadline_ms == T0 + 10 * HOUR + 10 * MINUTE
    assert (attempt.ended_at_ms, attempt.ended_as, attempt.end_said, attempt.reference) == (None, None, None, None)
    assert (attempt.score_mpt, attempt.max_mpt, attempt.awaiting_marks) == (None, None, 0)
    assert attempt.hand_marks["essay"].score_mpt == 500
    assert attempt.answers["single"].value == "a"
    assert scene.refusal(scene.answer(2, "b")) is Code.NUMBER_REUSED
    scene.facts(scene.answer(3, "b"))
    assert len(scene.wake_at(10 * HOUR + 9 * MINUTE)) == 1
    scene.wake_at(10 * HOUR + 10 * MINUTE + 2_000)
    assert scene.attempt.ended_as is Status.EXPIRED
    assert scene.attempt.reference not in (None, first_end)


def test_marks_of_an_end_that_was_undone_are_dropped() -> None:
    scene = Scene().started().submitted()
    stale = scene.assess()
    scene.facts(scene.reopen())
    assert scene.facts(stale) == []
    scene.submitted()
    assert scene.facts(stale) == []
    assert scene.status() is Status.SUBMITTED


# ── marking ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_marks_that_wait_for_a_person_and_then_are_in() -> None:
    scene = Scene().started().submitted()
    assert scene.facts(scene.assess(awaiting=1)) == [Assessed(3_000, 6_000, 1)]
    assert scene.facts(scene.assess(awaiting=1)) == []
    assert scene.status() is Status.SUBMITTED
    (fact,) = scene.facts(scene.mark(500))
    assert isinstance(fact, HandMarked)
    assert scene.attempt.hand_marks["essay"].score_mpt == 500
    assert scene.attempt.hand_marks["essay"].by == INSTRUCTOR.id
    assert scene.facts(scene.assess(awaiting=0, score_mpt=3_500)) == [Completed(3_500, 6_000)]
    assert scene.status() is Status.COMPLETED
    assert scene.attempt.ended_as is Status.SUBMITTED
    assert (scene.attempt.score_mpt, scene.attempt.awaiting_marks) == (3_500, 0)
    assert scene.refusal(scene.mark()) is Code.MARKS_FINAL


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (Status.INITIATED, Code.NOT_ENDED),
        (Status.IN_PROGRESS, Code.NOT_ENDED),
        (Status.PAUSED, Code.NOT_ENDED),
        (Status.CANCELLED, Code.CANCELLED),
        (Status.COMPLETED, Code.MARKS_FINAL),
    ],
)
def test_only_an_ended_attempt_is_marked(status: Status, code: Code) -> None:
    scene = scene_in(status)
    assert scene.refusal(scene.mark()) is code


@pytest.mark.parametrize(("score_mpt", "fits"), [(-1, False), (0, True), (1_000, True), (1_001, False)])
def test_a_mark_lies_between_nothing_and_everything(score_mpt: int, fits: bool) -> None:
    scene = scene_in(Status.EXPIRED)
    if fits:
        scene.facts(scene.mark(score_mpt))
    else:
        assert scene.refusal(scene.mark(score_mpt)) is Code.WRONG_MARK


@pytest.mark.parametrize(("score_mpt", "fits"), [(-251, False), (-250, True), (-1, True), (1_000, True)])
def test_a_mark_may_lie_below_zero_where_the_question_may_take_points_away(score_mpt: int, fits: bool) -> None:
    scene = scene_in(Status.EXPIRED)
    command = replace(scene.mark(score_mpt), min_mpt=-250)
    if fits:
        (fact,) = scene.facts(command)
        assert isinstance(fact, HandMarked)
        assert fact.score_mpt == score_mpt
    else:
        assert scene.refusal(command) is Code.WRONG_MARK


def test_a_mark_by_points_that_are_others_by_now_is_refused_and_a_repetition_is_known() -> None:
    scene = scene_in(Status.SUBMITTED)
    given = replace(scene.mark(500), seen_mpt=1_000, key_version=scene.attempt.test_version)
    assert scene.refusal(replace(given, seen_mpt=2_000)) is Code.WRONG_MARK
    scene.facts(given)
    scene.facts(Regrade(INSTRUCTOR, "other-keys", 7, "It is worth more."))
    other = replace(scene.mark(500), seen_mpt=1_000, key_version=given.key_version)
    assert scene.refusal(other) is Code.WRONG_MARK, "its points were read before the regrade"
    assert scene.facts(replace(given, max_mpt=2_000, key_version=7)) == [], "the same call again, after it"


def test_the_order_in_which_a_mark_is_refused() -> None:
    """Each mark is wrong in one way less than the one before."""
    scene = scene_in(Status.COMPLETED)
    wrong = replace(scene.mark(9_999, "nowhere"), by=Actor(Role.MARKER, "mia"), seen_mpt=7)
    found = [scene_in(Status.IN_PROGRESS).refusal(wrong)]
    for better in (
        {},
        {"by": INSTRUCTOR},
        {"reason": "A page was overlooked."},
        {"question_id": "essay"},
        {"seen_mpt": None},
    ):
        wrong = replace(wrong, **better)
        found.append(scene.refusal(wrong))
    assert found == [
        Code.NOT_ENDED,
        Code.FORBIDDEN,
        Code.MARKS_FINAL,
        Code.UNKNOWN_QUESTION,
        Code.WRONG_MARK,
        Code.WRONG_MARK,
    ]
    assert len(scene.facts(replace(wrong, score_mpt=1_000))) == 1


def test_a_mark_needs_a_question_of_the_paper() -> None:
    scene = scene_in(Status.SUBMITTED)
    assert scene.refusal(scene.mark(question_id="nowhere")) is Code.UNKNOWN_QUESTION


# ── rights ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_who_may_not_ask_is_refused_before_anything_else() -> None:
    scene = Scene().started()
    assert scene.refusal(Steer(CANDIDATE, MessageAttempt("m", IDENTITY.attempt_id, "Hi"))) is Code.FORBIDDEN
    assert scene.refusal(HandIn(INSTRUCTOR, 0)) is Code.FORBIDDEN
    assert scene.refusal(Assess(SERVICE, "", 0, 0, 0)) is Code.FORBIDDEN
    assert scene.refusal(Begin(SYSTEM, 0)) is Code.FORBIDDEN


def test_whatever_was_done_before_an_attempt_can_be_ended_and_gone_on_with() -> None:
    used = {f"used-{i}": bytes(8) for i in range(limits.MAX_STAFF_COMMANDS)}
    ended = scene_in(Status.SUBMITTED)
    ended.attempt = replace(ended.attempt, commands=used)
    assert [type(fact) for fact in ended.facts(ended.reopen())] == [Reopened]
    bound = Scene(link_opens_once=True)
    bound.attempt = replace(bound.attempt, commands=used)
    allow = Steer(INSTRUCTOR, AllowDevice("c", "a", "her laptop broke"))
    assert bound.facts(allow) == [DeviceAllowed("c", "her laptop broke")]
    for status, makers in (
        (Status.IN_PROGRESS, (Scene.end, Scene.cancel)),
        (Status.PAUSED, (Scene.resume, Scene.end, Scene.cancel)),
    ):
        for make in makers:
            scene = scene_in(status)
            scene.attempt = replace(scene.attempt, commands=used)
            assert scene.refusal(scene.message()) is Code.TOO_MANY_OPERATIONS
            scene.facts(make(scene))
