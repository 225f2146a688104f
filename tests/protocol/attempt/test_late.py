"""Answers that come after the end: which are kept, and what staff decide about them."""

from typing import Any

import pytest
from msgspec.structs import replace

from protocol.attempt import view
from protocol.attempt.commands import DecideLate, HandLate
from protocol.attempt.facts import LateDecided, LateReceived
from protocol.attempt.finality import holds
from protocol.attempt.late import LateAnswer, claimed_ms, is_overtaken, late_id_of
from protocol.attempt.model import Actor, Status
from protocol.codes import Code
from protocol.messages.state import LateState
from tests.protocol.attempt.scene import CANDIDATE, HOUR, INSTRUCTOR, MINUTE, SECTIONS, T0, Scene

GRACE = 2_000
HALF = 30 * MINUTE
GIVEN = T0 + HOUR - MINUTE
"""When the device says that she answered."""


def over(policy: str = "evidence", **given: Any) -> Scene:
    """Time is up; the server has one answer, and heard of her half an hour before."""
    one = Scene(late_answers=policy, late_ms=HALF, **given).started()
    one.at(HALF).facts(one.answer(1, "b"))
    one.wake_at(HOUR + GRACE)
    return one


def late(
    *answers: LateAnswer, by: Actor = CANDIDATE, device: str = "d", ahead_ms: int = 0, at: int = HOUR + MINUTE
) -> HandLate:
    given = answers or (LateAnswer("single", "a", GIVEN + ahead_ms, 1),)
    return HandLate(by, device, given, T0 + at + ahead_ms)


def from_file(*answers: LateAnswer, device: str = "d", knows: bool = True) -> HandLate:
    given = answers or (LateAnswer("single", "a", GIVEN, 1),)
    return HandLate(INSTRUCTOR, device, given, GIVEN, GIVEN if knows else None, from_file=True)


def decision(one: Scene, *accepted: str, command_id: str = "d1", reason: str = "the network was down") -> DecideLate:
    return DecideLate(INSTRUCTOR, command_id, one.attempt.late[-1].late_id, accepted, reason)


def value(one: Scene, question_id: str = "single") -> Any:
    saved = one.attempt.answers.get(question_id)
    return None if saved is None else saved.value


def test_it_is_kept_beside_what_was_submitted_and_counts_for_nothing() -> None:
    one = over()
    (fact,) = one.at(HOUR + MINUTE).facts(late())
    assert isinstance(fact, LateReceived)
    assert (fact.contact_ms, fact.ahead_ms, fact.from_file) == (T0 + HALF, 0, False)
    assert (one.status(), value(one), one.attempt.answered) == (Status.EXPIRED, "b", 1)
    (kept,) = one.attempt.late
    held = kept.held[0]
    assert held is not None
    assert (held.value, kept.answers[0].value, kept.received_ms) == ("b", "a", T0 + HOUR + MINUTE)
    assert view.state(one.attempt).late == LateState("evidence", HALF, 1, 0, 0)
    assert view.row(one.attempt, "", "offline", None, 0).late == 1


def test_what_staff_accept_counts_and_the_rest_is_rejected() -> None:
    one = over()
    answers = (LateAnswer("single", "a", GIVEN, 1), LateAnswer("essay", "Late.", GIVEN, 1))
    one.at(HOUR + MINUTE).facts(late(*answers))
    one.facts(one.assess(awaiting=0))
    assert one.status() is Status.COMPLETED
    assert one.facts(decision(one, "essay")) == [
        LateDecided(one.attempt.late[0].late_id, ("essay",), "d1", "the network was down")
    ]
    assert (value(one), value(one, "essay"), one.attempt.answered) == ("b", "Late.", 2)
    assert (one.attempt.marks_reason, one.attempt.marks_by) == ("the network was down", INSTRUCTOR.id)
    assert view.state(one.attempt).late == LateState("evidence", HALF, 0, 1, 1)
    assert view.row(one.attempt, "", "offline", None, 0).late is None
    assert one.facts(decision(one, "essay")) == []
    assert one.refusal(decision(one, "single")) is Code.COMMAND_REUSED
    assert one.refusal(decision(one, command_id="d2")) is Code.LATE_DECIDED


def test_an_answer_that_was_taken_back_late_is_taken_back_when_accepted() -> None:
    one = over()
    one.at(HOUR + MINUTE).facts(late(LateAnswer("single", None, GIVEN, 1)))
    one.facts(decision(one, "single"))
    assert (value(one), one.attempt.answered) == (None, 0)


@pytest.mark.parametrize(
    ("policy", "after_ms", "command", "code"),
    [
        ("nothing", 1, late(), Code.LATE_NOT_TAKEN),
        ("evidence", HALF - 1, late(at=HOUR + HALF - 1), None),
        ("evidence", HALF, late(at=HOUR + HALF), Code.LATE_NOT_TAKEN),
        ("evidence", 3 * HALF, from_file(), Code.LATE_NOT_TAKEN),
        ("file", 3 * HALF, from_file(), None),
        ("file", 3 * HALF, late(at=HOUR + 3 * HALF), Code.LATE_NOT_TAKEN),
        ("nothing", 1, from_file(), Code.LATE_NOT_TAKEN),
    ],
)
def test_the_policy_says_what_is_taken(policy: str, after_ms: int, command: HandLate, code: Code | None) -> None:
    one = over(policy).at(HOUR + max(after_ms, GRACE))
    if code is None:
        assert len(one.facts(command)) == 1
    else:
        assert one.refusal(command) is code
        assert one.attempt.late == ()


@pytest.mark.parametrize("ahead_ms", [-HOUR, 0, 7 * HOUR])
def test_by_the_devices_own_claim_it_was_in_time_however_wrong_its_clock_is(ahead_ms: int) -> None:
    one = over().at(HOUR + MINUTE)
    ends = T0 + HOUR + ahead_ms
    assert one.refusal(late(LateAnswer("single", "a", ends + GRACE, 1), ahead_ms=ahead_ms)) is Code.SEALED_LATE
    (fact,) = one.facts(late(LateAnswer("single", "a", ends + GRACE - 1, 1), ahead_ms=ahead_ms))
    assert isinstance(fact, LateReceived)
    assert claimed_ms(fact.answers[0], fact.ahead_ms) == T0 + HOUR + GRACE - 1


def test_the_same_again_is_kept_once_and_from_a_file_it_is_refused_by_name() -> None:
    one = over("file").at(HOUR + MINUTE)
    one.facts(late())
    assert one.facts(late(at=HOUR + 2 * MINUTE)) == []
    assert one.refusal(from_file()) is Code.ANSWER_FILE_KNOWN
    assert len(one.facts(from_file(device="another"))) == 1
    assert len(one.attempt.late) == 2


def test_a_file_whose_writer_did_not_know_the_servers_clock_says_so() -> None:
    one = over("file").at(3 * HOUR)
    (fact,) = one.facts(from_file(knows=False))
    assert isinstance(fact, LateReceived)
    assert (fact.ahead_ms, fact.from_file) == (None, True)


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ((LateAnswer("nowhere", "a", GIVEN, 1),), Code.UNKNOWN_QUESTION),
        ((LateAnswer("single", "z", GIVEN, 1),), Code.UNKNOWN_OPTION),
        ((LateAnswer("single", "a", GIVEN, 1), LateAnswer("single", "b", GIVEN, 1)), Code.OUT_OF_RANGE),
    ],
)
def test_what_does_not_fit_the_paper_is_refused_whole(answers: tuple[LateAnswer, ...], code: Code) -> None:
    one = over().at(HOUR + MINUTE)
    assert one.refusal(late(*answers)) is code
    assert one.attempt.late == ()


def test_before_the_end_there_is_nothing_late() -> None:
    one = Scene(late_answers="evidence", late_ms=HALF).started().at(HALF)
    assert one.refusal(late()) is Code.NOT_ENDED


def test_what_another_device_has_answered_meanwhile_is_said() -> None:
    one = Scene(late_answers="evidence", late_ms=HALF).started()
    for n in (1, 2):
        one.at(n * MINUTE).facts(one.answer(n, "b"))
    one.wake_at(HOUR + GRACE)
    one.at(HOUR + MINUTE).facts(late(LateAnswer("single", "a", GIVEN, 1)))
    one.facts(late(LateAnswer("single", "a", GIVEN + 1, 2)))
    assert [is_overtaken(kept.answers[0], kept.held[0]) for kept in one.attempt.late] == [True, False]


def test_after_the_end_was_taken_back_nothing_is_decided_about_it() -> None:
    one = over()
    one.at(HOUR + MINUTE).facts(late())
    one.facts(one.reopen())
    assert one.refusal(decision(one, "single")) is Code.NOT_ENDED
    one.facts(one.answer(2, "c"))
    one.wake_at(4 * HOUR)
    assert one.refusal(decision(one, "single")) is Code.UNKNOWN_LATE
    assert (value(one), view.row(one.attempt, "", "offline", None, 0).late) == ("c", None)


def test_a_section_that_had_closed_keeps_its_own_end() -> None:
    one = Scene(layout=SECTIONS, late_answers="evidence", late_ms=HALF).started()
    first, second, third = SECTIONS.sections
    assert second.section_id is not None
    one.facts(one.enter(1, second.section_id))
    one.at(19 * MINUTE).facts(one.end())
    one.wake_at(19 * MINUTE + GRACE)
    one.at(20 * MINUTE)
    closed, opened, ahead = (
        late(LateAnswer(section.questions[0].question_id, None, T0, 1), at=20 * MINUTE)
        for section in (first, second, third)
    )
    assert one.refusal(closed) is Code.SECTION_CLOSED
    assert one.refusal(ahead) is Code.SECTION_NOT_OPEN
    assert len(one.facts(opened)) == 1


@pytest.mark.parametrize(("is_last", "code"), [(False, Code.SECTION_CLOSED), (True, None)])
def test_of_a_paper_that_ended_with_its_last_section_that_one_is_taken(is_last: bool, code: Code | None) -> None:
    sections = SECTIONS.sections[:2]
    one = Scene(layout=replace(SECTIONS, sections=sections), duration_ms=None, late_answers="evidence", late_ms=HALF)
    one.started()
    second = sections[1].section_id
    assert second is not None
    one.facts(one.enter(1, second))
    one.wake_at(20 * MINUTE + GRACE)
    question_id = sections[is_last].questions[0].question_id
    command = late(LateAnswer(question_id, None, T0, 1), at=21 * MINUTE)
    one.at(21 * MINUTE)
    assert (len(one.facts(command)) == 1) if code is None else (one.refusal(command) is code)


def test_a_decision_takes_a_reason_and_names_what_came() -> None:
    one = over()
    one.at(HOUR + MINUTE).facts(late())
    assert one.refusal(decision(one, "single", reason=" ")) is Code.REASON_REQUIRED
    assert one.refusal(decision(one, "essay")) is Code.UNKNOWN_QUESTION
    assert one.refusal(DecideLate(INSTRUCTOR, "d", "late-0", (), "because")) is Code.UNKNOWN_LATE


def test_of_an_abandoned_attempt_it_is_kept_and_decided_once_that_is_accepted() -> None:
    one = over(at_end="abandon")
    assert one.status() is Status.ABANDONED
    one.at(HOUR + MINUTE).facts(late())
    assert one.refusal(decision(one, "single")) is Code.ABANDONED
    one.facts(one.accept())
    assert len(one.facts(decision(one, "single"))) == 1
    assert value(one) == "a"


def test_an_old_copy_does_not_say_that_it_has_come_already() -> None:
    one = over().at(HOUR + MINUTE)
    one.facts(late())
    assert not holds(one.attempt, late(), ())


def test_the_id_stands_for_the_end_the_device_and_the_answers() -> None:
    answers = (LateAnswer("single", "a", GIVEN, 1),)
    ids = {late_id_of(end, device, answers) for end in ("a", "b") for device in ("c", "d")}
    assert len(ids) == 4
    assert late_id_of("a", "c", answers) in ids
