"""Waiting to be let in, being absent, and what becomes of an attempt that was cancelled by mistake."""

from typing import Any

import pytest
from msgspec.structs import replace

from protocol.attempt import view
from protocol.attempt.commands import Begin, Steer, Wake
from protocol.attempt.facts import Absent, Accommodated, Admitted, Cancelled, Expired, Reinstated, Resumed
from protocol.attempt.model import Accommodation, Status
from protocol.attempt.wake import next_sweep
from protocol.codes import Code
from protocol.content import Rules
from protocol.limits import MAX_INT
from protocol.messages.operations import Start
from protocol.messages.staff import AdmitAttempt, CancelAttempt
from protocol.rules.admission import Earlier, admission_under
from tests.protocol.attempt.scene import (
    CANDIDATE,
    HOUR,
    IDENTITY,
    INSTRUCTOR,
    MINUTE,
    SERVICE,
    SYSTEM,
    T0,
    TIMED,
    Scene,
    scene_in,
)


def waiting(**terms: Any) -> Scene:
    """An attempt at a test with a waiting room."""
    scene = Scene(**terms)
    scene.sheet = replace(scene.sheet, admission=admission_under(Rules(waiting_room=True)))
    return scene


def shown(scene: Scene) -> tuple[str | None, list[str]]:
    """What staff and the candidate are told of her waiting."""
    has_room = scene.sheet.admission.rules.waiting_room
    row = view.row(scene.attempt, "Ada", "online", None, 0, waiting_room=has_room)
    return row.admission, [one.code for one in view.hindrances(scene.attempt, scene.sheet, "", scene.now_ms)]


def test_she_waits_until_staff_let_her_in() -> None:
    scene = waiting()
    assert shown(scene) == ("waiting", [Code.WAITING])
    assert scene.refusal(Begin(CANDIDATE, 0)) is Code.WAITING
    assert scene.refusal(Begin(SERVICE, 0)) is Code.WAITING, "nobody gets around it"
    assert scene.refusal(scene.operate(Start(1, None, 0))) is Code.WAITING
    assert scene.facts(scene.admit()) == [Admitted("command-1", "her papers were checked")]
    assert shown(scene) == ("admitted", [])
    assert scene.refusal(scene.admit()) is Code.NOT_WAITING
    scene.started()
    assert shown(scene) == (None, [])
    assert scene.refusal(scene.admit()) is Code.ALREADY_STARTED


def test_where_nobody_waits_nobody_is_let_in() -> None:
    scene = Scene()
    assert shown(scene) == (None, [])
    assert scene.refusal(scene.admit()) is Code.NOT_WAITING


def test_letting_in_is_carried_out_once_for_each_command() -> None:
    scene = waiting()
    admit = Steer(INSTRUCTOR, AdmitAttempt("c", IDENTITY.attempt_id, "x"))
    assert len(scene.facts(admit)) == 1
    assert scene.facts(admit) == []


# Absent


@pytest.mark.parametrize(("off_ms", "absent"), [(-1, False), (0, True), (1, True)])
def test_who_has_not_begun_when_the_window_closes_was_absent(off_ms: int, absent: bool) -> None:
    scene = Scene(window_closes_at_ms=T0 + HOUR)
    assert scene.wake_at(HOUR + off_ms) == ([Absent(T0 + HOUR)] if absent else [])
    if absent:
        attempt = scene.attempt
        assert (attempt.status, attempt.ended_as, attempt.ended_at_ms) == (Status.ABSENT, Status.ABSENT, T0 + HOUR)
        assert not attempt.counts
        assert attempt.reference is not None
        assert scene.refusal(Begin(CANDIDATE, 0)) is Code.ABSENT


def test_who_sits_when_the_window_closes_was_not_absent() -> None:
    scene = Scene(window_closes_at_ms=T0 + HOUR, duration_ms=None).started()
    assert scene.wake_at(HOUR + 2_000) == [Expired(T0 + HOUR, "")]


@pytest.mark.parametrize(
    ("own", "closes_ms", "sweep_ms"),
    [
        (Accommodation(), HOUR, None),
        (Accommodation(closes_at_ms=T0 + MINUTE), MINUTE, T0 + MINUTE),
        (Accommodation(closes_at_ms=T0 + 2 * HOUR), 2 * HOUR, T0 + 2 * HOUR),
        (Accommodation(never_closes=True), None, MAX_INT),
    ],
)
def test_her_own_window_decides(own: Accommodation, closes_ms: int | None, sweep_ms: int | None) -> None:
    scene = Scene(window_closes_at_ms=T0 + HOUR)
    scene.attempt = replace(scene.attempt, accommodation=own)
    assert next_sweep(scene.attempt) == sweep_ms
    if closes_ms is None:
        assert scene.wake_at(1_000 * HOUR) == []
    else:
        assert scene.wake_at(closes_ms - 1) == []
        assert scene.wake_at(closes_ms) == [Absent(T0 + closes_ms)]


def test_who_was_absent_may_come_after_all_when_the_window_is_longer() -> None:
    scene = scene_in(Status.ABSENT)
    assert scene.refusal(scene.reinstate()) is Code.WINDOW_CLOSED
    scene.sheet = replace(scene.sheet, terms=replace(scene.sheet.terms, window_closes_at_ms=T0 + 2 * HOUR))
    scene.facts(scene.reinstate())
    assert (scene.attempt.status, scene.attempt.counts) == (Status.INITIATED, True)
    scene.started()


def test_who_was_absent_may_come_after_all_when_she_is_granted_a_longer_window() -> None:
    scene = scene_in(Status.ABSENT)
    assert scene.refusal(scene.reinstate()) is Code.WINDOW_CLOSED
    scene.granted = Accommodation(closes_at_ms=T0 + 9 * HOUR)
    assert [type(fact) for fact in scene.facts(scene.reinstate())] == [Reinstated, Accommodated]
    scene.started()


# Cancelled and reinstated


@pytest.mark.parametrize("counts", [False, True])
def test_a_cancelled_attempt_counts_only_where_staff_say_so(counts: bool) -> None:
    scene = scene_in(Status.IN_PROGRESS)
    assert scene.facts(scene.cancel(counts=counts)) == [Cancelled("command-1", "wrong candidate", counts)]
    assert scene.attempt.counts is counts
    assert view.row(scene.attempt, "Ada", "online", None, 0).counts is counts
    again = Steer(INSTRUCTOR, CancelAttempt("command-1", IDENTITY.attempt_id, not counts, "wrong candidate"))
    assert scene.refusal(again) is Code.COMMAND_REUSED
    scene.facts(scene.reinstate())
    assert scene.attempt.counts
    assert view.row(scene.attempt, "Ada", "online", None, 0).counts is None


def test_a_reason_is_asked_for() -> None:
    scene = scene_in(Status.CANCELLED)
    assert scene.refusal(scene.reinstate(reason=" ")) is Code.REASON_REQUIRED


@pytest.mark.parametrize("off_ms", [-1, 0, 1])
def test_it_has_the_time_that_was_left_when_it_was_cancelled(off_ms: int) -> None:
    scene = scene_in(Status.IN_PROGRESS)
    scene.facts(scene.cancel())
    scene.at(5 * HOUR)
    assert scene.facts(scene.reinstate()) == [Reinstated(False, "command-2", "the wrong one was cancelled")]
    assert scene.attempt.test_clock.deadline_ms == T0 + 5 * HOUR + 59 * MINUTE
    assert (scene.attempt.ended_at_ms, scene.attempt.reference, scene.attempt.end_said) == (None, None, None)
    ended = scene.wake_at(5 * HOUR + 59 * MINUTE + 2_000 + off_ms)
    assert any(isinstance(fact, Expired) for fact in ended) is (off_ms >= 0)


@pytest.mark.parametrize(("granted_ms", "left_ms"), [(10 * MINUTE, 69 * MINUTE), (0, 59 * MINUTE)])
def test_what_she_was_granted_while_it_was_void_holds_at_once(granted_ms: int, left_ms: int) -> None:
    scene = scene_in(Status.IN_PROGRESS)
    scene.facts(scene.cancel())
    scene.granted = Accommodation(extra_time_ms=granted_ms)
    scene.at(5 * HOUR).facts(scene.reinstate())
    assert scene.attempt.test_clock.deadline_ms == T0 + 5 * HOUR + left_ms


def test_its_clocks_may_wait_for_the_candidate() -> None:
    scene = Scene().connected().started().at(MINUTE)
    scene.facts(scene.disconnect())
    scene.facts(scene.cancel())
    scene.at(5 * HOUR).facts(scene.reinstate(on_return=True))
    assert (scene.status(), scene.attempt.test_clock.left_ms) == (Status.PAUSED, 59 * MINUTE)
    assert scene.wake_at(20 * HOUR) == [], "it waits for as long as it takes"
    scene.facts(scene.connect("c2"))
    assert scene.status() is Status.IN_PROGRESS
    assert scene.attempt.test_clock.deadline_ms == T0 + 20 * HOUR + 59 * MINUTE


def test_whoever_is_there_is_not_waited_for() -> None:
    scene = Scene().connected().started().at(MINUTE)
    scene.facts(scene.cancel())
    scene.facts(scene.reinstate(on_return=True))
    assert scene.status() is Status.IN_PROGRESS


def test_staff_may_let_the_clocks_run_without_her() -> None:
    scene = Scene().started().at(MINUTE)
    scene.facts(scene.cancel())
    scene.facts(scene.reinstate(on_return=True))
    (resumed,) = scene.facts(scene.resume())
    assert isinstance(resumed, Resumed)
    assert scene.attempt.test_clock.deadline_ms == T0 + HOUR


def test_a_pause_by_staff_is_still_one_and_does_not_end_when_she_comes() -> None:
    scene = scene_in(Status.PAUSED)
    scene.facts(scene.cancel())
    scene.at(HOUR).facts(scene.reinstate(on_return=True))
    scene.facts(scene.connect())
    assert (scene.attempt.status, scene.attempt.test_clock.left_ms) == (Status.PAUSED, 59 * MINUTE)


def test_what_a_lost_connection_used_up_stays_used_up() -> None:
    scene = Scene(pause_on_disconnect=True).connected().started().at(MINUTE)
    scene.facts(scene.disconnect())
    scene.at(2 * MINUTE).facts(scene.cancel())
    assert scene.attempt.pause_used_ms == MINUTE
    scene.at(HOUR).facts(scene.reinstate())
    assert (scene.attempt.status, scene.attempt.test_clock.left_ms) == (Status.IN_PROGRESS, None)
    assert scene.attempt.test_clock.deadline_ms == T0 + HOUR + 59 * MINUTE


def test_clocks_of_questions_stand_and_run_as_before() -> None:
    scene = Scene(layout=TIMED).connected().started()
    scene.facts(scene.go(1, 2))
    scene.at(30_000).facts(scene.cancel())
    scene.at(HOUR).facts(scene.reinstate())
    left = {clock.of: (clock.deadline_ms, clock.left_ms) for clock in scene.attempt.clocks}
    assert left["text"] == (T0 + HOUR + 90_000, None), "where she is, it runs on"
    assert left["single"] == (None, MINUTE), "where she is not, it stands"


def test_a_collected_paper_is_collected_still() -> None:
    scene = scene_in(Status.IN_PROGRESS)
    scene.facts(scene.end())
    scene.at(MINUTE + 1_000).facts(scene.cancel())
    scene.at(HOUR).facts(scene.reinstate())
    assert scene.attempt.collected
    assert scene.wake_at(HOUR + 2_000) == [Expired(T0 + HOUR, "")]


def test_a_wake_of_a_cancelled_attempt_changes_nothing() -> None:
    scene = scene_in(Status.CANCELLED).at(100 * HOUR)
    assert scene.facts(Wake(SYSTEM)) == []


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.SUBMITTED, Status.EXPIRED, Status.COMPLETED])
def test_nothing_is_opened_again_beside_an_open_attempt(status: Status) -> None:
    scene = scene_in(status)
    again = scene.reinstate() if status is Status.CANCELLED else scene.reopen()
    other = Earlier("another", 2, Status.INITIATED, None, None, counts=True)
    scene.others = (other,)
    assert scene.refusal(again) is Code.ATTEMPT_OPEN
    scene.others = (replace(other, status=Status.CANCELLED, ended_at_ms=T0, counts=False),)
    assert scene.facts(again)
