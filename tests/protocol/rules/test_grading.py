"""Which attempt counts, and which grade it is."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.attempt.model import Status
from protocol.content import Grade, Rules
from protocol.rest.results import Result
from protocol.rules.grading import Counted, counted, grade_of, outcome

ATTEMPTS = [Counted("b", 2, 800, 1_000), Counted("a", 1, 500, 1_000), Counted("c", 3, 701, 1_000)]
GRADES = [Grade("pass", 500), Grade("good", 750)]


@pytest.mark.parametrize(
    ("counts", "attempt_id", "score_mpt", "grade"),
    [
        ("best", "b", 800, "good"),
        ("latest", "c", 701, "pass"),
        ("first", "a", 500, "pass"),
        ("average", None, 667, "pass"),
    ],
)
def test_which_attempt_counts(counts: Any, attempt_id: str | None, score_mpt: int, grade: str) -> None:
    found = outcome(Rules(counts=counts, grades=GRADES), ATTEMPTS)
    assert found is not None
    assert (found.attempt_id, found.score_mpt, found.max_mpt, found.grade) == (attempt_id, score_mpt, 1_000, grade)


def test_of_equal_attempts_the_earlier_counts_and_of_different_papers_the_share() -> None:
    rules = Rules(counts="best")
    equal = outcome(rules, [Counted("later", 2, 500, 1_000), Counted("earlier", 1, 250, 500)])
    assert equal is not None
    assert equal.attempt_id == "earlier"
    share = outcome(rules, [Counted("more", 1, 600, 1_000), Counted("better", 2, 400, 500)])
    assert share is not None
    assert share.attempt_id == "better"
    assert outcome(rules, []) is None


@pytest.mark.parametrize(
    ("score_mpt", "grade"),
    [(0, None), (1_499, None), (1_500, "pass"), (2_249, "pass"), (2_250, "good"), (3_000, "good")],
)
def test_a_grade_is_reached_at_its_boundary_to_the_last_thousandth(score_mpt: int, grade: str | None) -> None:
    assert grade_of(GRADES, score_mpt, 3_000) == grade


@given(st.permutations(ATTEMPTS), st.sampled_from(["best", "latest", "first", "average"]))
def test_the_order_in_which_attempts_are_given_decides_nothing(attempts: list[Counted], counts: Any) -> None:
    assert outcome(Rules(counts=counts), attempts) == outcome(Rules(counts=counts), ATTEMPTS)


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("complete", [True, False])
def test_what_is_not_completed_brings_nothing(status: Status, complete: bool) -> None:
    result = Result(
        attempt_id="a", test_id="t", test_version=1, user_id="u", status="completed", reference="R", complete=complete,
        score_mpt=500, max_mpt=1_000, awaiting_marks=0, marks=[],
    )  # fmt: skip
    expected = Counted("a", 2, 500, 1_000) if complete and status is Status.COMPLETED else None
    assert counted(2, status, result) == expected
    assert counted(2, status, None) is None
