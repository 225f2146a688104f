"""What staff do to an attempt: pauses, extensions, messages, warnings, ends, and each command once."""

from typing import Any

import pytest

from protocol import limits
from protocol.attempt import view
from protocol.attempt.commands import MarkByHand, Steer
from protocol.attempt.facts import (
    Collected,
    Expired,
    Extended,
    FormallyWarned,
    Messaged,
    Receipted,
    Resumed,
)
from protocol.attempt.model import Status
from protocol.codes import Code
from protocol.messages.operations import Answer, Flag, Progress, Receipt, Submit
from protocol.messages.staff import (
    AllowDevice,
    CancelAttempt,
    EndAttempt,
    ExtendAttempt,
    MessageAttempt,
    PauseAttempt,
    ReopenAttempt,
    ResumeAttempt,
)
from tests.protocol.attempt.scene import (
    HOUR,
    IDENTITY,
    INSTRUCTOR,
    MINUTE,
    T0,
    Scene,
    scene_in,
)

# ── pauses ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_was_on_the_wire_when_staff_stopped_the_clock_still_arrives() -> None:
    scene = Scene().started().at(MINUTE)
    scene.facts(scene.pause())
    scene.at(MINUTE + 1_999).facts(scene.answer(1))
    scene.at(MINUTE + 2_000)
    for operation in (Answer(2, "single", "a", None, 0), Flag(2, "single", True, 0), Progress(2, 1, 0)):
        assert scene.refusal(scene.operate(operation)) is Code.PAUSED
    scene.at(MINUTE + 1)
    assert scene.refusal(scene.operate(Submit(2, 0))) is Code.PAUSED


def test_a_pause_by_staff_lasts_and_is_charged_to_nobody() -> None:
    scene = Scene().started().at(10 * MINUTE)
    scene.facts(scene.pause())
    assert scene.wake_at(100 * HOUR) == []
    scene.facts(scene.resume())
    assert scene.attempt.test_clock.deadline_ms == T0 + 100 * HOUR + 50 * MINUTE
    assert scene.attempt.pause_used_ms == 0


def test_nobody_pauses_a_clock_that_has_run_out() -> None:
    scene = Scene().started().at(HOUR)
    assert scene.refusal(scene.pause()) is Code.DEADLINE_PASSED


# ── staff ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_extension_moves_the_deadline_up_to_the_last_moment() -> None:
    scene = Scene().started().at(HOUR + 1_999)
    assert scene.facts(scene.extend(5 * MINUTE)) == [Extended(5 * MINUTE, "command-1", "noise")]
    assert scene.attempt.test_clock.deadline_ms == T0 + 65 * MINUTE
    late = Scene().started().at(HOUR + 2_000)
    assert late.refusal(late.extend()) is Code.DEADLINE_PASSED


def test_an_extension_of_a_standing_clock_is_there_when_it_runs() -> None:
    scene = scene_in(Status.PAUSED)
    scene.facts(scene.extend(5 * MINUTE))
    scene.at(10 * MINUTE).facts(scene.resume())
    assert scene.attempt.test_clock.deadline_ms == T0 + 10 * MINUTE + 59 * MINUTE + 5 * MINUTE


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (Status.INITIATED, Code.NOT_STARTED),
        (Status.SUBMITTED, Code.ALREADY_SUBMITTED),
        (Status.EXPIRED, Code.DEADLINE_PASSED),
        (Status.CANCELLED, Code.CANCELLED),
        (Status.COMPLETED, Code.ALREADY_SUBMITTED),
    ],
)
def test_only_a_clock_that_exists_can_be_moved(status: Status, code: Code) -> None:
    scene = scene_in(status)
    assert scene.refusal(scene.extend()) is code


def test_without_a_time_limit_there_is_no_deadline_to_move() -> None:
    scene = Scene(duration_ms=None).started()
    assert scene.refusal(scene.extend()) is Code.NO_DEADLINE
    scene.facts(scene.pause())
    assert scene.refusal(scene.extend()) is Code.NO_DEADLINE


@pytest.mark.parametrize("reason", ["", " \n", "\u200b\ufeff ", "\0"])
def test_ending_cancelling_and_reopening_need_a_reason(reason: str) -> None:
    running, ended = scene_in(Status.IN_PROGRESS), scene_in(Status.SUBMITTED)
    assert running.refusal(running.end(reason)) is Code.REASON_REQUIRED
    assert running.refusal(running.cancel(reason)) is Code.REASON_REQUIRED
    assert ended.refusal(ended.reopen(reason=reason)) is Code.REASON_REQUIRED
    running.facts(running.pause(reason))


@pytest.mark.parametrize(("duration_ms", "said"), [(HOUR, ""), (None, "Please leave by the east door.")])
def test_a_collected_paper_takes_what_arrives_in_the_grace_and_then_ends(duration_ms: int | None, said: str) -> None:
    scene = Scene(duration_ms=duration_ms).started().at(MINUTE)
    assert scene.facts(scene.end("a fire", said)) == [Collected(T0 + MINUTE, "command-1", "a fire", said)]
    assert view.state(scene.attempt).said == said
    assert (scene.attempt.test_clock.deadline_ms, scene.attempt.closes_at_ms) == (T0 + MINUTE, T0 + MINUTE + 2_000)
    assert scene.wake_at(MINUTE + 1_999) == []
    scene.facts(scene.answer(1))
    assert scene.wake_at(MINUTE + 2_000) == [Expired(T0 + MINUTE, said)]
    assert (scene.attempt.ended_at_ms, view.state(scene.attempt).said) == (T0 + MINUTE, said)
    assert scene.refusal(scene.answer(2)) is Code.DEADLINE_PASSED
    scene.facts(scene.reopen())
    assert (scene.attempt.collected, scene.attempt.end_said) == (False, None)


def test_a_paper_collected_in_the_grace_ends_at_the_deadline() -> None:
    grace = Scene().started().at(HOUR + 1)
    assert grace.facts(grace.end("over")) == [Collected(T0 + HOUR, "command-1", "over")]
    assert grace.wake_at(HOUR + 2_000) == [Expired(T0 + HOUR, "")]
    late = Scene().started().at(HOUR + 2_000)
    assert late.refusal(late.end("over")) is Code.DEADLINE_PASSED


def test_a_paper_is_collected_while_the_clock_stands() -> None:
    scene = scene_in(Status.PAUSED).at(10 * MINUTE)
    assert scene.refusal(scene.answer(1)) is Code.PAUSED
    resumed, collected = scene.facts(scene.end("over"))
    assert isinstance(resumed, Resumed)
    assert collected == Collected(T0 + 10 * MINUTE, "command-2", "over")
    scene.facts(scene.answer(1))
    assert scene.wake_at(10 * MINUTE + 2_000) == [Expired(T0 + 10 * MINUTE, "")]


def test_nothing_moves_the_clock_of_a_paper_that_is_being_collected() -> None:
    scene = Scene(pause_on_disconnect=True).connected().started().at(MINUTE)
    first = scene.end("over")
    scene.facts(first)
    assert scene.facts(first) == []
    for command in (scene.extend(), scene.pause(), scene.end("again")):
        assert scene.refusal(command) is Code.COLLECTED
    assert scene.refusal(scene.resume()) is Code.NOT_PAUSED
    assert scene.refusal(scene.reopen()) is Code.NOT_ENDED
    assert len(scene.facts(scene.disconnect(last_contact_ms=MINUTE - 1))) == 1, "a lost connection does not either"
    scene.facts(scene.message())
    handed_in = Scene().started().at(MINUTE)
    handed_in.facts(handed_in.end("over"))
    handed_in.submitted()
    assert handed_in.attempt.end_said is None
    void = Scene().started().at(MINUTE)
    void.facts(void.end("over"))
    void.facts(void.cancel("wrong candidate", said="Please come to the desk."))
    assert (void.attempt.ended_as, void.attempt.end_said) == (Status.CANCELLED, "Please come to the desk.")


@pytest.mark.parametrize("status", [Status.INITIATED, Status.IN_PROGRESS, Status.PAUSED])
def test_a_message_reaches_whoever_is_not_finished(status: Status) -> None:
    scene = scene_in(status)
    (fact,) = scene.facts(scene.message("Hello"))
    assert isinstance(fact, Messaged)
    assert scene.refusal(scene.operate(Receipt(1, "another", False, 0))) is Code.UNKNOWN_MESSAGE_ID
    assert scene.facts(scene.operate(Receipt(1, fact.command_id, False, 0))) == [
        Receipted(1, fact.command_id, False, 0)
    ]


@pytest.mark.parametrize("status", [Status.INITIATED, Status.IN_PROGRESS, Status.PAUSED])
def test_whoever_is_not_finished_may_be_warned_with_a_reason(status: Status) -> None:
    scene = scene_in(status)
    assert scene.refusal(scene.warn(" ")) is Code.REASON_REQUIRED
    order = scene.warn("a phone")
    command_id = order.order.command_id
    assert scene.facts(order) == [FormallyWarned(command_id, "a phone")]
    assert scene.facts(order) == [], "once"
    assert scene.facts(scene.operate(Receipt(1, command_id, True, 0))) == [Receipted(1, command_id, True, 0)]


@pytest.mark.parametrize("off_ms", [-1, 0, 1])
def test_nobody_is_warned_after_the_end(off_ms: int) -> None:
    scene = Scene().started().at(HOUR + 2_000 + off_ms)
    if off_ms < 0:
        scene.facts(scene.warn())
    else:
        assert scene.refusal(scene.warn()) is Code.DEADLINE_PASSED
    ended = Scene().started().submitted()
    assert ended.refusal(ended.warn()) is Code.ALREADY_SUBMITTED


def test_no_message_is_sent_to_somebody_who_has_left_but_receipts_still_arrive() -> None:
    scene = scene_in(Status.IN_PROGRESS)
    order = scene.message()
    scene.facts(order)
    scene.submitted()
    assert scene.refusal(scene.message()) is Code.ALREADY_SUBMITTED
    scene.facts(scene.operate(Receipt(1, order.order.command_id, True, 0)))
    late = Scene().started().at(HOUR + 2_000)
    assert late.refusal(late.message()) is Code.DEADLINE_PASSED


def test_a_message_that_shows_nothing_is_not_sent() -> None:
    scene = scene_in(Status.IN_PROGRESS)
    for text in (" \n", "\u200b", "\u2060 \u00ad", "\0", "\x1b\x7f", "\u2800"):
        assert scene.refusal(scene.message(text)) is Code.OUT_OF_RANGE
        assert scene.refusal(scene.warn(text)) is Code.REASON_REQUIRED


def test_one_candidate_gets_only_so_many_messages() -> None:
    scene = Scene().started()
    for _ in range(limits.MAX_MESSAGES):
        scene.facts(scene.message())
    assert scene.refusal(scene.message()) is Code.TOO_MANY_OPERATIONS
    assert scene.refusal(scene.warn()) is Code.TOO_MANY_OPERATIONS


def test_one_attempt_takes_only_so_many_staff_commands() -> None:
    scene = Scene().started()
    for _ in range(limits.MAX_STAFF_COMMANDS):
        scene.facts(scene.extend(1))
    assert scene.refusal(scene.extend(1)) is Code.TOO_MANY_OPERATIONS
    scene.submitted()
    assert scene.refusal(scene.mark()) is Code.TOO_MANY_OPERATIONS


@pytest.mark.parametrize(
    ("status", "make"),
    [
        (Status.IN_PROGRESS, Scene.pause),
        (Status.PAUSED, Scene.resume),
        (Status.IN_PROGRESS, Scene.extend),
        (Status.IN_PROGRESS, Scene.message),
        (Status.IN_PROGRESS, Scene.end),
        (Status.IN_PROGRESS, Scene.cancel),
        (Status.SUBMITTED, Scene.reopen),
        (Status.SUBMITTED, Scene.mark),
    ],
)
def test_a_staff_command_is_executed_once(status: Status, make: Any) -> None:
    scene = scene_in(status)
    command = make(scene)
    scene.facts(command)
    after = scene.attempt
    assert scene.facts(command) == []
    assert scene.attempt is after


@pytest.mark.parametrize(
    ("status", "make"),
    [
        (Status.IN_PROGRESS, Scene.pause),
        (Status.PAUSED, Scene.resume),
        (Status.IN_PROGRESS, Scene.extend),
        (Status.IN_PROGRESS, Scene.message),
        (Status.IN_PROGRESS, Scene.end),
        (Status.IN_PROGRESS, Scene.cancel),
        (Status.SUBMITTED, Scene.reopen),
        (Status.SUBMITTED, Scene.mark),
    ],
)
def test_a_command_id_that_was_used_for_something_else_is_refused(status: Status, make: Any) -> None:
    scene = scene_in(status)
    command = make(scene)
    scene.facts(command)
    used = command.command_id if isinstance(command, MarkByHand) else command.order.command_id
    attempt_id = IDENTITY.attempt_id
    others: list[Any] = [
        Steer(INSTRUCTOR, PauseAttempt(used, attempt_id, "another")),
        Steer(INSTRUCTOR, ResumeAttempt(used, attempt_id, "another")),
        Steer(INSTRUCTOR, ExtendAttempt(used, attempt_id, 7, "noise")),
        Steer(INSTRUCTOR, ExtendAttempt(used, attempt_id, 5 * MINUTE, "another")),
        Steer(INSTRUCTOR, MessageAttempt(used, attempt_id, "another")),
        Steer(INSTRUCTOR, EndAttempt(used, attempt_id, "another")),
        Steer(INSTRUCTOR, CancelAttempt(used, attempt_id, False, "another")),
        Steer(INSTRUCTOR, AllowDevice(used, attempt_id, "another")),
        Steer(INSTRUCTOR, ReopenAttempt(used, attempt_id, 7_000, "submitted by mistake", False)),
        Steer(INSTRUCTOR, ReopenAttempt(used, attempt_id, 10 * MINUTE, "another", False)),
        MarkByHand(INSTRUCTOR, used, "essay", 501, 1_000, "well"),
        MarkByHand(INSTRUCTOR, used, "text", 500, 1_000, "well"),
        MarkByHand(INSTRUCTOR, used, "essay", 500, 1_000, "another"),
    ]
    for other in others:
        assert scene.refusal(other) is Code.COMMAND_REUSED
    assert scene.facts(command) == []


def test_a_repeated_command_is_known_whatever_has_happened_since() -> None:
    scene = scene_in(Status.IN_PROGRESS)
    extension = Steer(INSTRUCTOR, ExtendAttempt("mine", IDENTITY.attempt_id, MINUTE, ""))
    scene.facts(extension)
    scene.submitted()
    assert scene.facts(extension) == []


def test_a_refused_command_may_be_tried_again_under_its_id() -> None:
    scene = Scene()
    extension = Steer(INSTRUCTOR, ExtendAttempt("mine", IDENTITY.attempt_id, MINUTE, ""))
    assert scene.refusal(extension) is Code.NOT_STARTED
    scene.started().facts(extension)
