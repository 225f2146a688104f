"""What the two pages are told."""

import pytest
from msgspec.structs import replace

from clients.vectors import INITIATED
from protocol.attempt import view
from protocol.attempt.commands import Grant
from protocol.attempt.model import Accommodation, Status
from protocol.attempt.sheet import terms_in_force
from protocol.messages.candidate import StaffMessage, TimeWarning
from protocol.messages.monitor import FormalWarning, Row, RowAccommodation, RowAct
from protocol.messages.operations import Flag, Receipt
from protocol.messages.state import ClockState, SavedAnswer
from tests.protocol.attempt.scene import HOUR, MINUTE, SYSTEM, T0, Scene, scene_in


def row_of(scene: Scene) -> Row:
    return view.row(scene.attempt, "Ada", "offline", None, 0)


@pytest.mark.parametrize("status", Status)
def test_the_state_says_what_the_clocks_say(status: Status) -> None:
    scene = scene_in(status)
    attempt = scene.attempt
    ended = status not in (Status.INITIATED, Status.IN_PROGRESS, Status.PAUSED)
    assert view.state(attempt) == replace(
        INITIATED,
        status=status.value,
        seq=attempt.seq,
        head=attempt.head.hex(),
        started_at_ms=None if status in (Status.INITIATED, Status.ABSENT) else T0,
        clocks={
            Status.IN_PROGRESS: [ClockState("test", None, T0 + HOUR, T0 + HOUR + 2_000, None)],
            Status.PAUSED: [ClockState("test", None, None, None, 59 * MINUTE)],
        }.get(status, []),
        ended_at_ms=(T0 + (HOUR if status is Status.ABSENT else MINUTE)) if ended else None,
        ended_as=attempt.ended_as.value if attempt.ended_as is not None else None,
        reference=attempt.reference,
        said={Status.EXPIRED: "", Status.CANCELLED: ""}.get(status),
    )
    assert (attempt.reference is not None) is ended
    assert (attempt.ended_as is not None) is ended


def test_saved_answers() -> None:
    scene = Scene().started()
    scene.at(5).facts(scene.answer(1, "a"))
    scene.at(6).facts(scene.answer(4, ["b"], "multiple"))
    scene.at(7).facts(scene.answer(5, "b"))
    assert sorted(view.answers(scene.attempt), key=lambda saved: saved.n) == [
        SavedAnswer("multiple", ["b"], 4, T0 + 6),
        SavedAnswer("single", "b", 5, T0 + 7),
    ]


def test_messages_that_were_not_dismissed() -> None:
    scene = Scene().started().at(3)
    scene.facts(scene.message("one"))
    scene.facts(scene.message("two"))
    assert view.unseen(scene.attempt) == [
        StaffMessage("command-1", "one", T0 + 3),
        StaffMessage("command-2", "two", T0 + 3),
    ]
    scene.facts(scene.operate(Receipt(1, "command-1", False, 0)))
    assert len(view.unseen(scene.attempt)) == 2
    scene.facts(scene.operate(Receipt(2, "command-1", True, 0)))
    assert [message.text for message in view.unseen(scene.attempt)] == ["two"]


def test_a_formal_warning_is_a_message_that_stands_out_and_is_in_the_row() -> None:
    scene = Scene().started().at(3)
    assert view.row(scene.attempt, "Ada", "online", None, 0).warnings is None
    scene.facts(scene.message("one"))
    scene.facts(scene.warn("a phone"))
    scene.facts(scene.message("two"))
    unseen = [(one.text, one.formal) for one in view.unseen(scene.attempt)]
    assert unseen == [("one", None), ("a phone", True), ("two", None)], "in their order"
    for n, seen in ((1, False), (2, True)):
        scene.facts(scene.operate(Receipt(n, "command-2", seen, 0)))
        row = view.row(scene.attempt, "Ada", "online", None, 0)
        assert row.warnings == [FormalWarning(T0 + 3, "a phone", seen, "instructor")]
    assert [one.text for one in view.unseen(scene.attempt)] == ["one", "two"]


def row_message(scene: Scene) -> str | None:
    return view.row(scene.attempt, "Ada", "online", None, 0).message


def test_the_row_tells_how_far_the_newest_message_has_come() -> None:
    scene = Scene().started()
    assert row_message(scene) is None
    scene.facts(scene.message())
    assert row_message(scene) == "queued"
    scene.facts(scene.operate(Receipt(1, "command-1", False, 0)))
    assert row_message(scene) == "delivered"
    scene.facts(scene.operate(Receipt(2, "command-1", True, 0)))
    assert row_message(scene) == "seen"
    scene.facts(scene.message())
    assert row_message(scene) == "queued"


def test_a_row() -> None:
    scene = Scene().started()
    scene.facts(scene.answer(1, "x", "text"))
    scene.facts(scene.operate(Flag(2, "single", True, 0)))
    row = view.row(scene.attempt, "Ada Lovelace", "offline", T0 + 9, 7)
    assert (row.attempt_id, row.user_id, row.name, row.attempt_number) == ("attempt-1", "ada", "Ada Lovelace", 1)
    assert (row.seq, row.tick, row.connection, row.last_seen_ms) == (scene.attempt.seq, 7, "offline", T0 + 9)
    assert (row.status, row.question_index, row.answered, row.flagged, row.total) == ("in_progress", 0, 1, 1, 6)
    assert (row.started_at_ms, row.deadline_ms, row.left_ms, row.ended_at_ms) == (T0, T0 + HOUR, None, None)
    scene.at(MINUTE).facts(scene.pause())
    paused = view.row(scene.attempt, "", "online", None, 0)
    assert (paused.status, paused.deadline_ms, paused.left_ms) == ("paused", None, 59 * MINUTE)


def test_a_row_says_when_the_log_had_the_last_sign_of_her_and_when_she_worked() -> None:
    scene = Scene()
    assert (row_of(scene).worked_ms, row_of(scene).heard_ms) == (None, None)
    scene.started()
    scene.at(MINUTE).facts(scene.answer(1, "x", "text"))
    scene.at(2 * MINUTE).facts(scene.connect("one"))
    assert (row_of(scene).worked_ms, row_of(scene).heard_ms) == (T0 + MINUTE, T0 + 2 * MINUTE)
    scene.at(5 * MINUTE).facts(scene.pause())
    scene.facts(scene.disconnect("another", 4 * MINUTE))
    assert row_of(scene).heard_ms == T0 + 2 * MINUTE, "staff and former connections say nothing of her"
    scene.facts(scene.disconnect("one", 3 * MINUTE))
    assert (row_of(scene).worked_ms, row_of(scene).heard_ms) == (T0 + MINUTE, T0 + 3 * MINUTE)


def test_a_row_says_whether_staff_or_the_clock_ended_it() -> None:
    by_staff = Scene().started()
    by_staff.at(MINUTE).facts(by_staff.end())
    assert row_of(by_staff).ended_by_staff, "while the last answers are being taken"
    by_staff.wake_at(HOUR)
    assert (row_of(by_staff).status, row_of(by_staff).ended_by_staff) == ("expired", True)
    by_clock = Scene().started()
    by_clock.wake_at(2 * HOUR)
    assert (row_of(by_clock).status, row_of(by_clock).ended_by_staff) == ("expired", None)


def test_a_row_has_what_staff_did_last() -> None:
    scene = Scene().started()
    scene.facts(scene.message())
    assert row_of(scene).act is None, "messages have receipts of their own"
    scene.at(MINUTE).facts(scene.extend(MINUTE))
    assert row_of(scene).act == RowAct("extended", T0 + MINUTE, MINUTE)
    scene.at(2 * MINUTE).facts(scene.pause())
    assert row_of(scene).act == RowAct("paused", T0 + 2 * MINUTE, None)


def test_the_row_of_an_attempt_that_waits_for_marks() -> None:
    scene = Scene().started().submitted()
    scene.facts(scene.assess(awaiting=2))
    row = view.row(scene.attempt, "", "offline", None, 0)
    assert (row.ended_at_ms, row.score_mpt, row.max_mpt, row.awaiting_marks) == (T0, 3_000, 6_000, 2)


@pytest.mark.parametrize(
    ("duration_ms", "extra_time_ms", "whole_ms"), [(HOUR, 0, HOUR), (HOUR, MINUTE, HOUR + MINUTE), (None, MINUTE, None)]
)
def test_the_whole_time_has_the_extra_time_in_it(
    duration_ms: int | None, extra_time_ms: int, whole_ms: int | None
) -> None:
    scene = Scene(duration_ms=duration_ms, extra_time_ms=extra_time_ms)
    assert view.duration_ms(terms_in_force(scene.attempt, scene.sheet)) == whole_ms


def test_the_newest_warning_is_repeated_while_its_deadline_is_in_force() -> None:
    scene = Scene().started()
    assert view.warning(scene.attempt) is None
    scene.wake_at(HOUR - 5 * MINUTE)
    assert view.warning(scene.attempt) == TimeWarning(5 * MINUTE, T0 + HOUR, "test", None)
    scene.wake_at(HOUR - MINUTE)
    assert view.warning(scene.attempt) == TimeWarning(MINUTE, T0 + HOUR, "test", None)
    scene.facts(scene.extend())
    assert view.warning(scene.attempt) is None
    scene.wake_at(HOUR)
    assert view.warning(scene.attempt) == TimeWarning(5 * MINUTE, T0 + HOUR + 5 * MINUTE, "test", None)
    scene.facts(scene.pause())
    assert view.warning(scene.attempt) is None


def test_a_row_says_what_its_candidate_is_granted() -> None:
    scene = Scene(pause_on_disconnect=True).connected().started().at(MINUTE)
    assert view.row(scene.attempt, "Ada", "online", None, 0).accommodation is None
    given = Accommodation(extra_time_ms=5 * MINUTE, pause_budget_ms=10 * MINUTE, extra_attempts=1)
    scene.facts(Grant(SYSTEM, given, "why"))
    scene.facts(scene.disconnect())
    scene.at(2 * MINUTE).facts(scene.connect("c2"))
    row = view.row(scene.attempt, "Ada", "online", None, 0)
    assert row.accommodation == RowAccommodation(5 * MINUTE, 0, False, None, None, False, 10 * MINUTE, 1)
    assert row.pause_used_ms == MINUTE


def test_a_row_says_why_the_clock_stands() -> None:
    def told() -> str | None:
        return view.row(scene.attempt, "Ada", "online", None, 0).pause

    scene = Scene(pause_on_disconnect=True).connected().started().at(MINUTE)
    assert told() is None
    scene.facts(scene.disconnect())
    assert told() == "connection"
    scene.facts(scene.cancel())
    assert told() is None
    scene.facts(scene.reinstate(on_return=True))
    assert told() == "return"
    scene.facts(scene.connect("c2"))
    assert told() is None
    scene.facts(scene.pause())
    assert told() == "staff"


def test_a_page_is_told_for_how_long_a_lost_connection_would_stop_the_clock() -> None:
    def told() -> int | None:
        return view.state(scene.attempt).may_stand_ms

    scene = Scene(pause_on_disconnect=True, pause_budget_ms=5 * MINUTE).connected()
    assert told() is None, "no clock runs"
    scene.started().at(MINUTE)
    assert told() == 5 * MINUTE
    scene.facts(scene.disconnect())
    assert told() is None, "it stands already"
    scene.at(5 * MINUTE).facts(scene.connect("c2"))
    assert told() == MINUTE
    scene.facts(Grant(SYSTEM, Accommodation(pause_budget_ms=9 * MINUTE), "a group"))
    assert told() == 5 * MINUTE
    scene.facts(scene.disconnect("c2"))
    scene.wake_at(15 * MINUTE)
    assert scene.status() is Status.IN_PROGRESS
    assert told() is None, "the budget is used up"
    assert view.state(Scene().connected().started().attempt).may_stand_ms is None
