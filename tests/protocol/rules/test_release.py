"""What a candidate sees of her result, and when."""

from typing import Any

import pytest
from msgspec.structs import replace

from protocol.attempt.model import Status
from protocol.codes import Code
from protocol.content import Rules
from protocol.rest.results import Mark, Result
from protocol.rules.release import for_candidate, held_back, marks_from_ms, no_result
from tests.protocol.attempt.scene import Scene

NOW = 1_800_000_000_000


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
    ("rules", "released", "from_ms", "code"),
    [
        ({}, False, None, None),
        ({}, False, NOW, None),
        ({"shows": "reference"}, True, None, Code.RESULT_HIDDEN),
        ({"release": "by_staff"}, False, None, Code.NOT_RELEASED),
        ({"release": "by_staff"}, True, NOW, None),
        ({"release": "window_closed", "closes_at_ms": NOW}, False, NOW + 2_000, Code.NOT_RELEASED),
        ({"release": "window_closed", "closes_at_ms": NOW}, False, None, None),
    ],
)
def test_when_a_result_is_shown_at_all(
    rules: dict[str, Any], released: bool, from_ms: int | None, code: Code | None
) -> None:
    refusal = held_back(Rules(**rules), released, from_ms)
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
    mark = Mark(question_id="q", score_mpt=1, max_mpt=2, marked_by="tutor", remark="Well.")
    result = Result(
        attempt_id="a", test_id="t", test_version=1, user_id="u", status="completed", reference="R", complete=True,
        score_mpt=1, max_mpt=2, awaiting_marks=0, marks=[mark], reason="wrong key", changed_by="tutor",
    )  # fmt: skip
    seen = for_candidate(result, Rules(shows=shows), from_ms, {"q": "See chapter 2."})
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
