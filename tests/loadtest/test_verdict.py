from pathlib import Path

import pytest

from loadtest.exam import POINT_MPT
from loadtest.trace import Candidate, read_trace
from loadtest.verdict import Verdict
from protocol.messages.state import SavedAnswer
from protocol.rest.results import Result
from tests.loadtest.traces import write_trace


@pytest.fixture
def candidate(tmp_path: Path) -> Candidate:
    return read_trace(write_trace(tmp_path)).candidates[0]


def saved(candidate: Candidate) -> list[SavedAnswer]:
    return [
        SavedAnswer(question_id, option, n, 0) for n, (question_id, option) in enumerate(candidate.answered.items(), 1)
    ]


def result(candidate: Candidate, *, points: int | None = None, complete: bool = True) -> Result:
    return Result(
        attempt_id="a",
        test_id="t",
        test_version=1,
        user_id=candidate.candidate_id,
        status="completed",
        reference="R",
        complete=complete,
        score_mpt=(candidate.score() if points is None else points) * POINT_MPT,
        max_mpt=7 * POINT_MPT,
        awaiting_marks=0,
        marks=[],
    )


def test_what_agrees_is_stored_and_right(candidate: Candidate) -> None:
    verdict = Verdict()
    verdict.compare(candidate, saved(candidate), result(candidate), set())
    assert verdict == Verdict(stored=len(candidate.answered))


def test_a_missing_answer_is_lost(candidate: Candidate) -> None:
    verdict = Verdict()
    verdict.compare(candidate, saved(candidate)[1:], result(candidate), set())
    assert (verdict.lost, verdict.stored) == (1, len(candidate.answered) - 1)
    assert "holds nothing" in verdict.examples[0]


def test_a_missing_answer_that_was_acknowledged_is_a_broken_promise(candidate: Candidate) -> None:
    missing, *rest = saved(candidate)
    verdict = Verdict()
    verdict.compare(candidate, rest, result(candidate), {(candidate.candidate_id, missing.question_id)})
    assert (verdict.lost, verdict.broken_promises) == (1, 1)


def test_another_answer_is_lost_too(candidate: Candidate) -> None:
    first, *rest = saved(candidate)
    other = SavedAnswer(first.question_id, "1" if first.value != "1" else "2", 1, 0)
    verdict = Verdict()
    verdict.compare(candidate, [other, *rest], result(candidate), set())
    assert verdict.lost == 1


def test_an_answer_that_nobody_gave_is_unexpected(candidate: Candidate) -> None:
    verdict = Verdict()
    verdict.compare(candidate, [*saved(candidate), SavedAnswer("item-999", "1", 99, 0)], result(candidate), set())
    assert (verdict.lost, verdict.unexpected) == (0, 1)


def test_another_score_is_a_mismatch(candidate: Candidate) -> None:
    verdict = Verdict()
    verdict.compare(candidate, saved(candidate), result(candidate, points=candidate.score() + 1), set())
    assert verdict.score_mismatches == 1


def test_a_result_that_is_missing_or_not_complete_is_a_mismatch(candidate: Candidate) -> None:
    verdict = Verdict()
    verdict.compare(candidate, saved(candidate), None, set())
    verdict.compare(candidate, saved(candidate), result(candidate, complete=False), set())
    assert verdict.score_mismatches == 2


def test_a_trace_that_contradicts_its_own_key_is_a_mismatch(tmp_path: Path) -> None:
    original = read_trace(write_trace(tmp_path)).candidates[0]
    first, *rest = original.responses
    twisted = Candidate(
        original.candidate_id,
        original.form_id,
        original.total_seconds,
        (type(first)(first.item, first.option, not first.correct, first.seconds), *rest),
    )
    verdict = Verdict()
    verdict.compare(twisted, saved(twisted), result(twisted), set())
    assert verdict.score_mismatches == 1
