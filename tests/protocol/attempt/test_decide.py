"""What may happen and why not: numbers, connections, clocks, staff, marks. The edges are in test_transitions.py."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from protocol import limits
from protocol.attempt import view
from protocol.attempt.commands import Assess, Begin, Connect, HandIn, Logged, MarkByHand, Operate, Steer, Wake
from protocol.attempt.decide import Decided, decide
from protocol.attempt.decisions.rules import AskLog
from protocol.attempt.digests import SIZE, digest
from protocol.attempt.facts import (
    Answered,
    Assessed,
    Collected,
    Completed,
    Connected,
    DeviceAllowed,
    Disconnected,
    Expired,
    Extended,
    FormallyWarned,
    HandMarked,
    Messaged,
    Moved,
    Paused,
    Receipted,
    Reopened,
    Resumed,
    Started,
    Submitted,
)
from protocol.attempt.model import Status
from protocol.attempt.visits import read_visits
from protocol.codes import Code
from protocol.errors import refuse
from protocol.messages.base import Value
from protocol.messages.operations import Answer, Flag, Progress, Receipt, Start, Submit
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

# ── numbers ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_repeated_operation_is_answered_and_not_recorded() -> None:
    scene = Scene().started()
    assert scene.facts(scene.answer(1, "a")) == [Answered(1, "single", "a", None, 0)]
    assert scene.facts(scene.answer(1, "a", client_at_ms=999)) == []
    assert len(scene.records) == 3


def test_a_number_reused_with_another_body_is_refused() -> None:
    scene = Scene().started()
    scene.facts(scene.answer(1, "a"))
    assert scene.refusal(scene.answer(1, "b")) is Code.NUMBER_REUSED
    assert scene.refusal(scene.operate(Progress(1, 0, 0))) is Code.NUMBER_REUSED
    assert scene.attempt.answers["single"].value == "a"


def test_a_number_that_was_jumped_over_is_refused_later() -> None:
    scene = Scene().started()
    scene.facts(scene.answer(3, "a"))
    assert scene.refusal(scene.answer(2, "b")) is Code.NUMBER_SKIPPED


def test_numbers_only_have_to_rise() -> None:
    scene = Scene().started()
    for n in (limits.SEND_WINDOW + 1, limits.MAX_OPERATIONS + 1, limits.MAX_INT - 1):
        scene.facts(scene.answer(n))
        assert scene.facts(scene.answer(n)) == []
    assert scene.attempt.operations == 3
    scene.facts(scene.operate(Submit(limits.MAX_INT, 0)))


@given(refused=st.integers(65, 500), step=st.integers(1, 10**9))
def test_however_many_operations_were_refused_the_next_one_is_judged_by_itself(refused: int, step: int) -> None:
    scene = Scene().started()
    for _ in range(refused):
        assert scene.refusal(scene.answer(step, "no such option")) is Code.UNKNOWN_OPTION
        step += 1
    scene.facts(scene.answer(step))
    scene.facts(scene.operate(Submit(step + 1, 0)))


def test_an_attempt_has_only_so_many_operations_but_can_always_be_handed_in() -> None:
    scene = Scene().started()
    for n in range(3, 3 * limits.MAX_OPERATIONS, 3):
        scene.attempt = replace(scene.attempt, last_n=n, operations=scene.attempt.operations + 1)
    last = 3 * limits.MAX_OPERATIONS
    assert scene.attempt.operations == limits.MAX_OPERATIONS - 1
    scene.facts(scene.answer(last))
    assert scene.refusal(scene.answer(last + 1)) is Code.TOO_MANY_OPERATIONS
    assert scene.facts(scene.operate(Submit(last + 1, 0))) == [Submitted(last + 1, 0)]
    assert scene.facts(scene.operate(Submit(last + 1, 0))) == []


def test_numbers_older_than_the_kept_digests_are_decided_by_the_log() -> None:
    scene = Scene().started()
    for n in range(2, 2 * limits.KEPT_DIGESTS + 4, 2):
        scene.facts(scene.answer(n, "ab"[n // 2 % 2]))
    attempt = scene.attempt
    size = len(attempt.digests)
    assert (attempt.operations, size) == (limits.KEPT_DIGESTS + 1, 2 * SIZE * limits.KEPT_DIGESTS)

    def told(command: Operate) -> Decided:
        return decide(attempt, command, scene.now_ms, scene.sheet)

    # The oldest kept one is 4: of 3 and below only the log knows.
    assert told(scene.answer(4, "a")) == ()
    assert told(scene.answer(5, "a")) == refuse(Code.NUMBER_SKIPPED)
    for n in (1, 2, 3):
        assert told(scene.answer(n, "b")) == AskLog(n)
    known = Logged(digest(Answered(2, "single", "b", None, 0)))
    assert told(replace(scene.answer(2, "b"), logged=known)) == ()
    assert told(replace(scene.answer(2, "a"), logged=known)) == refuse(Code.NUMBER_REUSED)
    assert told(replace(scene.answer(3, "b"), logged=Logged(None))) == refuse(Code.NUMBER_SKIPPED)
    # What the log says of another number decides nothing here.
    assert told(replace(scene.answer(4, "a"), logged=Logged(None))) == ()
    for n in range(2 * limits.KEPT_DIGESTS + 4, 3 * limits.KEPT_DIGESTS):
        scene.facts(scene.answer(n))
    assert len(scene.attempt.digests) == size


def test_repetitions_are_known_after_the_end_too() -> None:
    scene = Scene().started()
    scene.facts(scene.answer(1, "a"))
    scene.facts(scene.operate(Submit(2, 0)))
    assert scene.facts(scene.answer(1, "a")) == []
    assert scene.facts(scene.operate(Submit(2, 0))) == []
    assert scene.refusal(scene.answer(1, "b")) is Code.NUMBER_REUSED
    assert scene.refusal(scene.answer(3, "b")) is Code.ALREADY_SUBMITTED


def test_a_refused_operation_uses_up_no_number() -> None:
    scene = Scene().started()
    assert scene.refusal(scene.answer(1, "no such option")) is Code.UNKNOWN_OPTION
    scene.facts(scene.answer(1, "a"))


# ── answers ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("question_id", "value", "code"),
    [
        ("nowhere", "a", Code.UNKNOWN_QUESTION),
        ("nowhere", None, Code.UNKNOWN_QUESTION),
        ("single", ["a"], Code.WRONG_ANSWER_TYPE),
        ("single", "d", Code.UNKNOWN_OPTION),
        ("multiple", ["a", "d"], Code.UNKNOWN_OPTION),
        ("text", "x" * 21, Code.ANSWER_TOO_LONG),
    ],
)
def test_an_answer_that_does_not_fit_is_refused(question_id: str, value: Value, code: Code) -> None:
    scene = Scene().started()
    assert scene.refusal(scene.answer(1, value, question_id)) is code


def test_an_answer_moves_nobody_unless_it_says_so() -> None:
    scene = Scene().started()
    scene.facts(scene.operate(Progress(1, 3, 0)))
    scene.facts(scene.answer(2, "a"))
    assert scene.attempt.question_index == 3
    scene.at(MINUTE).facts(scene.operate(Answer(3, "single", "b", 4, 0)))
    scene.at(2 * MINUTE).facts(scene.operate(Answer(4, "single", "a", 4, 0)))
    assert scene.attempt.question_index == 4
    assert read_visits(scene.attempt.visits) == [(3, T0), (4, T0 + MINUTE)]
    assert scene.refusal(scene.operate(Answer(5, "single", "b", 6, 0))) is Code.UNKNOWN_QUESTION
    assert scene.refusal(scene.operate(Answer(4, "single", "a", None, 0))) is Code.NUMBER_REUSED


@pytest.mark.parametrize(
    ("question_id", "blank"), [("text", ""), ("text", " \t"), ("essay", "\u3000"), ("multiple", [])]
)
def test_a_blank_answer_is_kept_as_typed_and_does_not_count(question_id: str, blank: Value) -> None:
    scene = Scene().started()
    filled: Value = ["a"] if question_id == "multiple" else "yes"
    for n, (value, answered) in enumerate(
        ((blank, 0), (filled, 1), (filled, 1), (blank, 0), (None, 0), (filled, 1)), 1
    ):
        scene.facts(scene.answer(n, value, question_id))
        kept = scene.attempt.answers.get(question_id)
        assert (None if kept is None else kept.value) == value
        assert (scene.attempt.answered, view.row(scene.attempt, "", "", None, 0).answered) == (answered, answered)


def test_flags_and_moves_to_nowhere_are_refused() -> None:
    scene = Scene().started()
    assert scene.refusal(scene.operate(Flag(1, "nowhere", True, 0))) is Code.UNKNOWN_QUESTION
    assert scene.refusal(scene.operate(Progress(1, 6, 0))) is Code.UNKNOWN_QUESTION
    assert scene.facts(scene.operate(Progress(1, 5, 0))) == [Moved(1, 5, 0)]


@pytest.mark.parametrize("status", [Status.INITIATED, Status.SUBMITTED, Status.EXPIRED, Status.CANCELLED])
def test_writing_needs_a_running_attempt(status: Status) -> None:
    expected = {
        Status.INITIATED: Code.NOT_STARTED,
        Status.SUBMITTED: Code.ALREADY_SUBMITTED,
        Status.EXPIRED: Code.DEADLINE_PASSED,
        Status.CANCELLED: Code.CANCELLED,
    }[status]
    scene = scene_in(status)
    for operation in (Answer(1, "single", "a", None, 0), Flag(1, "single", True, 0), Progress(1, 1, 0)):
        assert scene.refusal(scene.operate(operation)) is expected


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


# ── connections ────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_newest_connection_wins_and_the_older_one_is_superseded() -> None:
    scene = Scene().connected("c1").started()
    scene.facts(scene.operate(Answer(1, "single", "a", None, 0), "c1"))
    scene.connected("c2")
    for operation in scene.operations(2):
        assert scene.refusal(scene.operate(operation.operation, "c1")) is Code.SUPERSEDED
    scene.facts(scene.operate(Answer(2, "single", "b", None, 0), "c2"))
    scene.facts(scene.operate(Answer(3, "single", "c", None, 0), None))


def test_a_connection_that_was_never_made_says_nothing() -> None:
    scene = Scene().started()
    assert scene.refusal(scene.operate(Answer(1, "single", "a", None, 0), "c1")) is Code.SUPERSEDED


OK = None
"""The connect is accepted."""
CONNECTS: list[tuple[str, bool, str, tuple[str, int], bool, str | None, Code | None]] = [
    # newest wins | where the attempt stands | (device, connect_n) that comes, after (laptop, 3) | takeover | gone
    ("a reconnect", True, "held", ("laptop", 4), False, None, OK),
    ("a reconnect that says takeover", True, "held", ("laptop", 9), True, None, OK),
    ("the same hello again", True, "held", ("laptop", 3), False, None, Code.SUPERSEDED),
    ("an older hello that comes late", True, "held", ("laptop", 2), False, None, Code.SUPERSEDED),
    ("an older hello that says takeover", True, "held", ("laptop", 2), True, None, Code.SUPERSEDED),
    ("an older hello after a lost link", True, "free", ("laptop", 2), True, None, Code.SUPERSEDED),
    ("a reconnect after a lost link", True, "free", ("laptop", 4), False, None, OK),
    ("another device wakes by itself", True, "held", ("tablet", 7), False, None, Code.CONNECTION_EXISTS),
    ("another device, while nobody is there", True, "free", ("tablet", 7), False, None, Code.CONNECTION_EXISTS),
    ("a person opens another device", True, "held", ("tablet", 1), True, None, OK),
    ("a person does, while nobody is there", True, "free", ("tablet", 1), True, None, OK),
    ("first: her own device after a lost link", False, "held", ("laptop", 4), False, None, OK),
    ("first: an older hello that comes late", False, "held", ("laptop", 3), True, None, Code.SUPERSEDED),
    ("first: another device", False, "held", ("tablet", 1), True, None, Code.CONNECTION_EXISTS),
    ("first: another device wakes by itself", False, "held", ("tablet", 1), False, None, Code.CONNECTION_EXISTS),
    ("first: the old one has gone", False, "free", ("tablet", 1), True, None, OK),
    ("first: that alone is no act", False, "free", ("tablet", 1), False, None, Code.CONNECTION_EXISTS),
    ("first: the holder has gone", False, "held", ("tablet", 1), True, "c1", OK),
    ("first: its going is no act", False, "held", ("tablet", 1), False, "c1", Code.CONNECTION_EXISTS),
    ("first: another holder has gone", False, "held", ("tablet", 1), True, "c0", Code.CONNECTION_EXISTS),
]


@pytest.mark.parametrize("row", CONNECTS, ids=[row[0] for row in CONNECTS])
def test_who_may_connect(row: tuple[str, bool, str, tuple[str, int], bool, str | None, Code | None]) -> None:
    _, newest, stands, (device, connect_n), takeover, gone, expected = row
    scene = Scene(newest_connection_wins=newest).started()
    scene.facts(scene.connect("c1", "laptop", 3))
    if stands == "free":
        scene.facts(scene.disconnect("c1"))
    command = scene.connect("c2", device, connect_n, takeover=takeover, gone=gone)
    if expected is not None:
        assert scene.refusal(command) is expected
        assert scene.attempt.connection_id == (None if stands == "free" else "c1")
        return
    ended = [] if gone is None else [Disconnected("c1", scene.now_ms)]
    assert scene.facts(command) == [*ended, Connected("c2", "tests/1", device, connect_n, "", "", None, None)]
    assert (scene.attempt.connection_id, scene.attempt.device) == ("c2", device)


LAPTOP, TABLET, PHONE = (f"{name} with a long random name" for name in ("laptop", "tablet", "phone"))
LINKS: list[tuple[str, list[str], str, bool, Code | None]] = [
    # what has happened: connects of a device, or "allow" by staff | who comes | takeover | what is decided
    ("the first one binds the link", [], LAPTOP, False, OK),
    ("the same device comes back", [LAPTOP], LAPTOP, False, OK),
    ("another device", [LAPTOP], TABLET, False, Code.LINK_USED),
    ("another device, and a person asks", [LAPTOP], TABLET, True, Code.LINK_USED),
    ("staff allow it", [LAPTOP, "allow"], TABLET, True, OK),
    ("that alone is no act of a person", [LAPTOP, "allow"], TABLET, False, Code.CONNECTION_EXISTS),
    ("the old device uses no permission up", [LAPTOP, "allow", LAPTOP], TABLET, True, OK),
    ("it holds for one device", [LAPTOP, "allow", TABLET], PHONE, True, Code.LINK_USED),
    ("the link has left the old device", [LAPTOP, "allow", TABLET], LAPTOP, True, Code.LINK_USED),
    ("the new device comes back", [LAPTOP, "allow", TABLET], TABLET, False, OK),
    ("two permissions at once are one", [LAPTOP, "allow", "allow", TABLET], PHONE, True, Code.LINK_USED),
    ("a permission for each", [LAPTOP, "allow", TABLET, "allow"], PHONE, True, OK),
    ("a permission before anybody came", ["allow", LAPTOP], TABLET, True, Code.LINK_USED),
    ("a device whose name can be guessed", [], "laptop", True, Code.OUT_OF_RANGE),
    ("the same after staff allowed one", [LAPTOP, "allow"], "tablet", True, Code.OUT_OF_RANGE),
]


@pytest.mark.parametrize("row", LINKS, ids=[row[0] for row in LINKS])
@pytest.mark.parametrize("is_there", [True, False])
def test_a_link_that_opens_once(row: tuple[str, list[str], str, bool, Code | None], is_there: bool) -> None:
    _, before, device, takeover, expected = row
    scene = Scene(link_opens_once=True).started()
    for i, what in enumerate(before):
        if what == "allow":
            scene.facts(Steer(INSTRUCTOR, AllowDevice(f"allow-{i}", "a", "her laptop has broken")))
        else:
            scene.facts(scene.connect(f"c{i}", what))
            if not is_there:
                scene.facts(scene.disconnect(f"c{i}"))
    command = scene.connect("new", device, takeover=takeover)
    if expected is not None:
        assert scene.refusal(command) is expected
        return
    scene.facts(command)
    assert scene.attempt.device == device


def test_a_link_that_opened_once_stays_shut_after_the_end() -> None:
    scene = Scene(link_opens_once=True).started()
    scene.facts(scene.connect("c1", LAPTOP))
    scene.facts(Steer(INSTRUCTOR, AllowDevice("allow", "a", "her laptop has broken")))
    scene.submitted()
    assert scene.refusal(scene.connect("c2", TABLET)) is Code.LINK_USED
    assert scene.facts(scene.connect("c2", LAPTOP)) == []


def test_when_staff_may_allow_a_device() -> None:
    def allow(command_id: str = "c", reason: str = "why") -> Steer:
        return Steer(INSTRUCTOR, AllowDevice(command_id, "a", reason))

    assert Scene().refusal(allow()) is Code.LINK_OPEN
    scene = Scene(link_opens_once=True)
    assert scene.refusal(allow(reason=" ")) is Code.REASON_REQUIRED
    assert scene.facts(allow()) == [DeviceAllowed("c", "why")]
    assert scene.facts(allow()) == [], "a repeated command is carried out once"
    assert scene.refusal(allow(reason="another")) is Code.COMMAND_REUSED
    scene.started().submitted()
    assert scene.refusal(allow("d")) is Code.ALREADY_SUBMITTED


def test_the_monitor_shows_where_a_link_stands() -> None:
    def mark(scene: Scene) -> str | None:
        opens_once = scene.sheet.terms.link_opens_once
        return view.row(scene.attempt, "Ada", "online", None, 0, link_opens_once=opens_once).link

    assert mark(Scene().connected()) is None
    scene = Scene(link_opens_once=True)
    assert mark(scene) == "unused"
    scene.facts(scene.connect("c1", LAPTOP))
    assert mark(scene) == "bound"
    scene.facts(Steer(INSTRUCTOR, AllowDevice("c", "a", "why")))
    assert mark(scene) == "released"
    scene.facts(scene.connect("c2", TABLET))
    assert mark(scene) == "bound"


def test_the_first_to_come_needs_no_act() -> None:
    scene = Scene()
    scene.facts(scene.connect("c1", "laptop", 1, takeover=False))
    assert scene.attempt.connection_id == "c1"


def test_a_late_hello_of_a_device_that_was_replaced_never_wins() -> None:
    scene = Scene().started()
    scene.facts(scene.connect("c1", "laptop", 5))
    scene.facts(scene.connect("c2", "tablet", 1))
    assert scene.refusal(scene.connect("c3", "laptop", 4)) is Code.SUPERSEDED
    assert scene.refusal(scene.connect("c3", "laptop", 6, takeover=False)) is Code.CONNECTION_EXISTS
    scene.facts(scene.connect("c4", "laptop", 7))


def test_after_the_end_nobody_s_coming_is_recorded() -> None:
    for end in ("submitted", "cancelled"):
        scene = Scene().connected("c1").started()
        if end == "submitted":
            scene.submitted()
        else:
            scene.facts(Steer(INSTRUCTOR, CancelAttempt("c", "a", False, "void")))
        scene.facts(scene.disconnect("c1"))
        seq = scene.attempt.seq
        for device in ("c1", "c2"):
            assert scene.facts(scene.connect(f"{device}'", device, takeover=device == "c1")) == []
        assert scene.attempt.seq == seq


def test_whoever_looks_at_an_ended_attempt_is_told_that_it_has_ended_and_not_that_she_was_replaced() -> None:
    scene = Scene().connected("c1").started().submitted()
    assert scene.refusal(scene.operate(Answer(1, "single", "a", None, 0), "looking")) is Code.ALREADY_SUBMITTED
    assert scene.facts(scene.operate(Submit(1, 0), "looking")) == []
    assert scene.facts(HandIn(CANDIDATE, 0, "looking")) == []


def test_over_rest_a_replaced_connection_has_no_say_either() -> None:
    scene = Scene().connected("c1")
    assert scene.refusal(Begin(CANDIDATE, 0, "c0")) is Code.SUPERSEDED
    scene.facts(Begin(CANDIDATE, 0, "c1"))
    assert scene.refusal(HandIn(CANDIDATE, 0, "c0")) is Code.SUPERSEDED
    scene.facts(scene.disconnect("c1"))
    assert scene.refusal(HandIn(CANDIDATE, 0, "c1")) is Code.SUPERSEDED
    scene.facts(HandIn(SERVICE, 0))


def test_what_the_database_has_lost_is_recorded_when_somebody_knows_more() -> None:
    scene = Scene().connected("c1").started()
    known = scene.attempt.seq + 7
    assert scene.attempt.lost_records == 0
    (fact,) = scene.facts(Connect(CANDIDATE, "c2", "tests/1", "c1", 2, False, "192.0.2.7", "a browser", "n", known))
    assert fact == Connected("c2", "tests/1", "c1", 2, "192.0.2.7", "a browser", "n", known)
    assert scene.attempt.lost_records == 7
    scene.facts(Connect(CANDIDATE, "c3", "tests/1", "c1", 3, False, seen_seq=scene.attempt.seq))
    assert scene.attempt.lost_records == 7


def test_the_end_of_a_superseded_connection_is_no_news() -> None:
    scene = Scene(pause_on_disconnect=True).connected("c1").started().connected("c2")
    assert scene.facts(scene.disconnect("c1")) == []
    assert scene.attempt.connection_id == "c2"
    assert scene.status() is Status.IN_PROGRESS


def test_a_lost_connection_gives_no_time() -> None:
    scene = Scene().connected().started().at(10 * MINUTE)
    assert scene.facts(scene.disconnect()) == [Disconnected("c1", T0 + 10 * MINUTE)]
    assert scene.attempt.test_clock.deadline_ms == T0 + HOUR


def test_where_the_policy_says_so_a_lost_connection_stops_the_clock_from_its_last_sign_of_life() -> None:
    scene = Scene(pause_on_disconnect=True).connected().started().at(10 * MINUTE)
    facts = scene.facts(scene.disconnect(last_contact_ms=9 * MINUTE))
    assert facts[1:] == [Paused(T0 + 9 * MINUTE, True, None, "connection lost")]
    assert scene.attempt.pause is not None
    assert scene.attempt.test_clock.left_ms == 51 * MINUTE
    scene.at(12 * MINUTE)
    assert scene.facts(scene.connect("c2"))[1:] == [Resumed(T0 + 12 * MINUTE, None, "connected again")]
    assert scene.attempt.test_clock.deadline_ms == T0 + 63 * MINUTE
    assert scene.attempt.pause_used_ms == 3 * MINUTE


def test_a_lost_connection_never_stops_the_clock_before_it_last_began_to_run() -> None:
    scene = Scene(pause_on_disconnect=True).connected().at(MINUTE).started().at(2 * MINUTE)
    scene.facts(scene.disconnect(last_contact_ms=0))
    assert scene.attempt.pause is not None
    assert scene.attempt.test_clock.left_ms == HOUR


def test_a_sign_of_life_from_the_future_counts_as_now() -> None:
    scene = Scene(pause_on_disconnect=True).connected().started().at(2 * MINUTE)
    scene.facts(scene.disconnect(last_contact_ms=HOUR))
    assert scene.attempt.pause is not None
    assert scene.attempt.pause.since_ms == T0 + 2 * MINUTE


def test_the_pause_budget_is_spent_once() -> None:
    scene = Scene(pause_on_disconnect=True).connected().started().at(10 * MINUTE)
    scene.facts(scene.disconnect())
    scene.at(13 * MINUTE).connected("c2")
    scene.at(20 * MINUTE).facts(scene.disconnect("c2"))
    assert scene.wake_at(22 * MINUTE - 1) == []
    assert scene.wake_at(22 * MINUTE) == [Resumed(T0 + 22 * MINUTE, None, "pause budget used up")]
    assert scene.attempt.pause_used_ms == 5 * MINUTE
    assert scene.attempt.test_clock.deadline_ms == T0 + 65 * MINUTE
    scene.at(30 * MINUTE).connected("c3")
    assert len(scene.facts(scene.disconnect("c3"))) == 1
    assert scene.status() is Status.IN_PROGRESS


def test_a_budget_that_ran_out_unnoticed_ends_when_it_ended() -> None:
    scene = Scene(pause_on_disconnect=True).connected().started().at(10 * MINUTE)
    scene.facts(scene.disconnect())
    facts = scene.wake_at(500 * MINUTE)
    assert facts == [Resumed(T0 + 15 * MINUTE, None, "pause budget used up"), Expired(T0 + 65 * MINUTE, "")]


def test_the_clock_also_stood_while_the_node_of_the_connection_was_dead() -> None:
    scene = Scene(pause_on_disconnect=True).connected("c1").started().at(14 * MINUTE)
    facts = scene.facts(scene.connect("c2", gone="c1", gone_contact_ms=10 * MINUTE))
    assert facts[:3] == [
        Disconnected("c1", T0 + 10 * MINUTE),
        Paused(T0 + 10 * MINUTE, True, None, "connection lost"),
        Resumed(T0 + 14 * MINUTE, None, "connected again"),
    ]
    assert scene.attempt.connection_id == "c2"
    assert scene.attempt.test_clock.deadline_ms == T0 + 64 * MINUTE
    assert scene.attempt.pause_used_ms == 4 * MINUTE


def test_a_dead_node_gives_no_more_than_the_budget() -> None:
    scene = Scene(pause_on_disconnect=True).connected("c1").started().at(40 * MINUTE)
    facts = scene.facts(scene.connect("c2", gone="c1", gone_contact_ms=10 * MINUTE))
    assert facts[2] == Resumed(T0 + 15 * MINUTE, None, "pause budget used up")
    assert scene.attempt.test_clock.deadline_ms == T0 + 65 * MINUTE


def test_a_dead_node_gives_no_time_where_the_clock_runs_on_or_stands_already() -> None:
    running = Scene().connected("c1").started().at(14 * MINUTE)
    facts = running.facts(running.connect("c2", gone="c1", gone_contact_ms=10 * MINUTE))
    assert [type(fact) for fact in facts] == [Disconnected, Connected]
    assert running.attempt.test_clock.deadline_ms == T0 + HOUR


def test_a_connection_that_is_lost_after_the_deadline_stops_nothing() -> None:
    scene = Scene(pause_on_disconnect=True).connected().started().at(HOUR)
    assert len(scene.facts(scene.disconnect())) == 1
    late = Scene(pause_on_disconnect=True).connected().started().at(HOUR + 2_000)
    assert len(late.facts(late.disconnect(last_contact_ms=HOUR - 1))) == 1


def test_a_loss_that_nobody_could_record_counts_even_after_the_closing() -> None:
    scene = Scene(pause_on_disconnect=True).connected("c1").started().at(HOUR + 2 * MINUTE)
    facts = scene.facts(Wake(SYSTEM, scene.disconnect("c1", HOUR - MINUTE)))
    assert facts == [
        Disconnected("c1", T0 + HOUR - MINUTE),
        Paused(T0 + HOUR - MINUTE, True, None, "connection lost"),
    ]
    scene.facts(scene.connect("c2"))
    assert scene.attempt.test_clock.deadline_ms == T0 + HOUR + 3 * MINUTE


def test_such_a_loss_gives_no_more_than_the_budget() -> None:
    scene = Scene(pause_on_disconnect=True).connected("c1").started().at(3 * HOUR)
    facts = scene.facts(Wake(SYSTEM, scene.disconnect("c1", HOUR - MINUTE)))
    assert facts[2:] == [
        Resumed(T0 + HOUR + 4 * MINUTE, None, "pause budget used up"),
        Expired(T0 + HOUR + 5 * MINUTE, ""),
    ]


def test_such_a_loss_after_the_deadline_or_of_another_connection_gives_nothing() -> None:
    for connection_id, contact_ms in (("c1", HOUR), ("c0", HOUR - MINUTE)):
        scene = Scene(pause_on_disconnect=True).connected("c1").started().at(HOUR + 2 * MINUTE)
        facts = scene.facts(Wake(SYSTEM, scene.disconnect(connection_id, contact_ms)))
        assert facts[-1] == Expired(T0 + HOUR, "")
        assert Paused not in map(type, facts)


def test_staff_take_over_a_clock_that_stands_for_a_lost_connection() -> None:
    scene = Scene(pause_on_disconnect=True).connected().started().at(10 * MINUTE)
    scene.facts(scene.disconnect())
    scene.at(11 * MINUTE)
    resumed, paused = scene.facts(scene.pause())
    assert resumed == Resumed(T0 + 11 * MINUTE, None, "taken over by staff")
    assert isinstance(paused, Paused)
    assert not paused.connection_lost
    assert scene.attempt.pause_used_ms == MINUTE
    assert scene.wake_at(100 * MINUTE) == []
    assert len(scene.facts(scene.connect("c2"))) == 1
    assert scene.status() is Status.PAUSED
    scene.facts(scene.resume())
    assert scene.attempt.test_clock.deadline_ms == T0 + 150 * MINUTE


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


@pytest.mark.parametrize("reason", ["", " \n"])
def test_ending_cancelling_and_reopening_need_a_reason(reason: str) -> None:
    running, ended = scene_in(Status.IN_PROGRESS), scene_in(Status.SUBMITTED)
    assert running.refusal(running.end(reason)) is Code.REASON_REQUIRED
    assert running.refusal(running.cancel(reason)) is Code.REASON_REQUIRED
    assert ended.refusal(ended.reopen(reason=reason)) is Code.REASON_REQUIRED
    running.facts(running.pause(reason))


@pytest.mark.parametrize("duration_ms", [HOUR, None])
def test_a_collected_paper_takes_what_arrives_in_the_grace_and_then_ends(duration_ms: int | None) -> None:
    scene = Scene(duration_ms=duration_ms).started().at(MINUTE)
    assert scene.facts(scene.end("over")) == [Collected(T0 + MINUTE, "command-1", "over")]
    assert view.state(scene.attempt).reason == "over"
    assert (scene.attempt.test_clock.deadline_ms, scene.attempt.closes_at_ms) == (T0 + MINUTE, T0 + MINUTE + 2_000)
    assert scene.wake_at(MINUTE + 1_999) == []
    scene.facts(scene.answer(1))
    assert scene.wake_at(MINUTE + 2_000) == [Expired(T0 + MINUTE, "over")]
    assert (scene.attempt.ended_at_ms, scene.attempt.end_reason) == (T0 + MINUTE, "over")
    assert scene.refusal(scene.answer(2)) is Code.DEADLINE_PASSED
    scene.facts(scene.reopen())
    assert (scene.attempt.collected, scene.attempt.end_reason) == (False, None)


def test_a_paper_collected_in_the_grace_ends_at_the_deadline() -> None:
    grace = Scene().started().at(HOUR + 1)
    assert grace.facts(grace.end("over")) == [Collected(T0 + HOUR, "command-1", "over")]
    assert grace.wake_at(HOUR + 2_000) == [Expired(T0 + HOUR, "over")]
    late = Scene().started().at(HOUR + 2_000)
    assert late.refusal(late.end("over")) is Code.DEADLINE_PASSED


def test_a_paper_is_collected_while_the_clock_stands() -> None:
    scene = scene_in(Status.PAUSED).at(10 * MINUTE)
    assert scene.refusal(scene.answer(1)) is Code.PAUSED
    resumed, collected = scene.facts(scene.end("over"))
    assert isinstance(resumed, Resumed)
    assert collected == Collected(T0 + 10 * MINUTE, "command-2", "over")
    scene.facts(scene.answer(1))
    assert scene.wake_at(10 * MINUTE + 2_000) == [Expired(T0 + 10 * MINUTE, "over")]


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
    assert handed_in.attempt.end_reason is None
    void = Scene().started().at(MINUTE)
    void.facts(void.end("over"))
    void.facts(void.cancel("wrong candidate"))
    assert (void.attempt.ended_as, void.attempt.end_reason) == (Status.CANCELLED, "wrong candidate")


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
    assert (attempt.ended_at_ms, attempt.ended_as, attempt.end_reason, attempt.reference) == (None, None, None, None)
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
