"""What a candidate sees of her result, and when."""

from typing import Any

import pytest
from msgspec.structs import replace

from protocol.attempt.model import Status
from protocol.codes import Code
from protocol.content import Grade, Rules
from protocol.errors import Refusal
from protocol.rest.results import Mark, Result
from protocol.rules.release import for_candidate, held_back, is_over, marks_from_ms, no_result, result_of
from tests.protocol.attempt.scene import Scene

NOW = 1_800_000_000_000
RESULT = Result(
    attempt_id="a",
    test_id="t",
    test_version=1,
    user_id="u",
    status="completed",
    reference="R",
    complete=True,
    score_mpt=1,
    max_mpt=2,
    awaiting_marks=0,
    marks=[Mark(question_id="q", score_mpt=1, max_mpt=2, marked_by="tutor", remark="Well.")],
    reason="wrong key",
    changed_by="tutor",
)
INCOMPLETE = replace(RESULT, complete=False, awaiting_marks=1)


@pytest.mark.parametrize(
    ("closes_at_ms", "sat_until_ms", "from_ms"),
    [
        (None, None, None),
        (None, NOW + 5, None),
        (NOW, None, NOW + 2_000),
        (NOW - 2_000, None, None),
        (NOW - 2_000, NOW + 3_600_000, NOW + 3_602_000),
        # Whoever is paused or has no limit may sit for long; whoever is being collected is done in a moment.
        (NOW - 2_000, 0, NOW + 60_000),
        (NOW - 2_000, NOW - 1, NOW + 60_000),
    ],
    ids=["no window", "no window, sat", "open", "over", "more time", "no deadline", "just ended"],
)
def test_when_the_marks_of_questions_are_shown(
    closes_at_ms: int | None, sat_until_ms: int | None, from_ms: int | None
) -> None:
    rules = Rules(closes_at_ms=closes_at_ms, grace_ms=2_000)
    assert marks_from_ms(rules, NOW, sat_until_ms) == from_ms


@pytest.mark.parametrize(
    ("rules", "released_ms", "from_ms", "code"),
    [
        ({}, None, None, None),
        ({}, None, NOW, None),
        ({"release": "by_staff"}, None, None, Code.NOT_RELEASED),
        ({"release": "by_staff"}, NOW, NOW, None),
        ({"release": "window_closed", "closes_at_ms": NOW}, None, NOW + 2_000, Code.NOT_RELEASED),
        ({"release": "window_closed", "closes_at_ms": NOW}, None, None, None),
    ],
)
def test_when_a_result_is_shown_at_all(
    rules: dict[str, Any], released_ms: int | None, from_ms: int | None, code: Code | None
) -> None:
    refusal = held_back(Rules(**rules), released_ms, from_ms)
    assert (None if refusal is None else refusal.code) is code


@pytest.mark.parametrize(
    ("shows", "from_ms", "marks", "feedback"),
    [
        ("score", None, 0, None),
        ("questions", NOW, 0, None),
        ("questions", None, 1, None),
        ("feedback", NOW, 0, None),
        ("feedback", None, 1, "See chapter 2."),
    ],
)
def test_how_much_of_a_result_is_shown(shows: Any, from_ms: int | None, marks: int, feedback: str | None) -> None:
    seen = for_candidate(RESULT, Rules(shows=shows), from_ms, {"q": "See chapter 2."})
    assert len(seen.marks) == marks
    assert {one.feedback for one in seen.marks} <= {feedback}
    assert (seen.reason, seen.changed_by, seen.score_mpt) == ("", None, 1)
    assert all(one.marked_by is None for one in seen.marks)
    assert seen.marks_from_ms == (from_ms if shows != "score" else None)


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("reference", [None, "5WND-1WE8-P4CE"])
def test_why_there_is_no_result(status: Status, reference: str | None) -> None:
    found = no_result(replace(Scene().attempt, status=status, reference=reference))
    if status in (Status.CANCELLED, Status.ABSENT, Status.ABANDONED):
        assert found is not None
        assert found.code.value == status.value
    else:
        assert (None if found is None else found.code) == (Code.NOT_ENDED if reference is None else None)


@pytest.mark.parametrize(
    ("to_candidate", "shows", "status", "stored", "code"),
    [
        # What the test never shows is told first, whatever became of the attempt.
        (True, "reference", Status.CANCELLED, None, Code.RESULT_HIDDEN),
        (False, "reference", Status.CANCELLED, None, Code.CANCELLED),
        (True, "score", Status.ABANDONED, INCOMPLETE, Code.ABANDONED),
        (True, "score", Status.SUBMITTED, None, Code.NOT_READY),
        # The result of an end before the last reopening.
        (False, "score", Status.SUBMITTED, replace(RESULT, reference="before"), Code.NOT_READY),
        (True, "score", Status.SUBMITTED, INCOMPLETE, Code.NOT_READY),
        (False, "reference", Status.SUBMITTED, INCOMPLETE, None),
        (False, "reference", Status.COMPLETED, RESULT, None),
        (True, "score", Status.COMPLETED, RESULT, None),
    ],
)
def test_why_a_result_is_not_told_in_this_order(
    to_candidate: bool, shows: Any, status: Status, stored: Result | None, code: Code | None
) -> None:
    attempt = replace(Scene().attempt, status=status, reference="R")
    found = result_of(attempt, stored, Rules(shows=shows), to_candidate=to_candidate)
    assert (found.code if isinstance(found, Refusal) else None) is code
    if code is None:
        assert found == stored


def test_a_complete_result_has_its_grade() -> None:
    rules = Rules(grades=[Grade("pass", 500), Grade("good", 750)])
    attempt = replace(Scene().attempt, status=Status.COMPLETED, reference="R")
    assert result_of(attempt, RESULT, rules, to_candidate=True) == replace(RESULT, grade="pass")
    assert result_of(attempt, INCOMPLETE, rules, to_candidate=False) == INCOMPLETE


@pytest.mark.parametrize(("closes_at_ms", "over"), [(None, False), (NOW - 1_999, False), (NOW - 2_000, True)])
def test_a_window_is_over_after_its_grace(closes_at_ms: int | None, over: bool) -> None:
    assert is_over(Rules(closes_at_ms=closes_at_ms, grace_ms=2_000), NOW) is over
