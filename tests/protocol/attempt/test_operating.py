"""What a candidate's operations need: a number that rises, an answer that fits, an attempt that runs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from protocol import limits
from protocol.attempt import view
from protocol.attempt.commands import Logged, Operate
from protocol.attempt.decide import Decided, decide
from protocol.attempt.decisions.rules import AskLog
from protocol.attempt.digests import SIZE, digest
from protocol.attempt.facts import (
    Answered,
    Moved,
    Submitted,
)
from protocol.attempt.model import Status
from protocol.attempt.visits import read_visits
from protocol.codes import Code
from protocol.errors import refuse
from protocol.messages.base import Value
from protocol.messages.operations import Answer, Flag, Progress, Submit
from tests.protocol.attempt.scene import (
    MINUTE,
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
