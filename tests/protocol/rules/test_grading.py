"""Which attempt counts, and which grade it is."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.attempt.model import Status
from protocol.content import Grade, Rules
from protocol.rest.results import Result
from protocol.rules.grading import Counted, Sat, grade_of, outcome, standing
from protocol.rules.regrading import Ordered

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
    assert (found.score_mpt, found.max_mpt, found.grade) == (score_mpt, 1_000, grade)
    assert (None if found.attempt is None else found.attempt.attempt_id) == attempt_id


@pytest.mark.parametrize(
    ("scores", "shown_mpt", "grade"),
    [
        ((59_995, 59_995), 59_995, "pass"),
        ((59_999, 60_000), 59_999, "pass"),
        ((60_000, 60_000), 60_000, "good"),
        ((60_000, 60_000, 59_999), 59_999, "pass"),
        ((59_999, 60_001), 60_000, "good"),
    ],
)
def test_no_rounding_of_an_average_reaches_a_boundary(scores: tuple[int, ...], shown_mpt: int, grade: str) -> None:
    rules = Rules(counts="average", grades=[Grade("pass", 500), Grade("good", 600)])
    found = outcome(rules, [Counted(f"a{n}", n, score, 100_000) for n, score in enumerate(scores, 1)])
    assert found is not None
    assert (found.score_mpt, found.max_mpt, found.grade) == (shown_mpt, 100_000, grade)


def test_of_nothing_there_is_no_grade() -> None:
    """A test whose questions were all dropped would else give everybody the best one."""
    assert grade_of(GRADES, 0, 0) is None
    assert grade_of([Grade("took part", 0)], 0, 0) is None
    assert grade_of([Grade("took part", 0)], 0, 1) == "took part"


def test_of_equal_attempts_the_earlier_counts_and_of_different_papers_the_share() -> None:
    rules = Rules(counts="best")
    equal = outcome(rules, [Counted("later", 2, 500, 1_000), Counted("earlier", 1, 250, 500)])
    assert equal is not None
    assert equal.attempt is not None
    assert equal.attempt.attempt_id == "earlier"
    share = outcome(rules, [Counted("more", 1, 600, 1_000), Counted("better", 2, 400, 500)])
    assert share is not None
    assert share.attempt is not None
    assert share.attempt.attempt_id == "better"
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


def result(score_mpt: int = 500, *, complete: bool = True, key_version: int = 1) -> Result:
    return Result(
        attempt_id="a", test_id="t", test_version=1, user_id="u", status="completed", reference="R", complete=complete,
        score_mpt=score_mpt, max_mpt=1_000, awaiting_marks=0, marks=[], key_version=key_version,
    )  # fmt: skip


def sat(number: int, status: Status = Status.COMPLETED, **fields: Any) -> Sat:
    values: dict[str, Any] = {"started_at_ms": 10, "result": result(), "marks_due": False}
    return Sat(attempt_id=f"a{number}", attempt_number=number, status=status, **values | fields)


@pytest.mark.parametrize("status", Status)
def test_what_has_ended_waits_for_its_marks_and_everything_else_brings_nothing(status: Status) -> None:
    for one in (sat(2, status), sat(2, status, result=None), sat(2, status, result=result(complete=False))):
        found = standing(Rules(), [sat(1), one], None)
        marked = status is Status.COMPLETED and one.result is not None and one.result.complete
        waits = status in (Status.SUBMITTED, Status.EXPIRED) or (status is Status.COMPLETED and not marked)
        assert [part.attempt_number for part in found.parts] == ([1, 2] if marked else [1])
        assert found.waiting == int(waits)
        assert (found.outcome is None) == waits, "any of them may be the one that counts"


@pytest.mark.parametrize(
    ("other", "regrade", "waiting"),
    [
        ({}, Ordered("r", 2, 10, under_way=True), 2),
        ({"result": result(key_version=2)}, Ordered("r", 2, 10, under_way=True), 1),
        ({"result": result(key_version=2)}, Ordered("r", 2, 10, under_way=False), 0),
        ({"marks_due": True}, Ordered("r", 2, 10, under_way=False), 1),
        ({"started_at_ms": 11}, Ordered("r", 2, 10, under_way=True), 1),
    ],
    ids=["both wait", "one has new marks", "it is over", "marks are being made", "begun after it"],
)
def test_nothing_counts_while_marks_are_by_two_keys(other: dict[str, Any], regrade: Ordered, waiting: int) -> None:
    found = standing(Rules(counts="average"), [sat(1), sat(2, **other)], regrade)
    assert found.waiting == waiting
    assert len(found.parts) == 2 - waiting
    assert (found.outcome is None) == (waiting > 0)
