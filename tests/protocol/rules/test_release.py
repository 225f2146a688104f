"""What a candidate sees of her result, and when."""

from typing import Any

import pytest
from msgspec.structs import replace

from protocol.attempt.model import Status
from protocol.codes import Code
from protocol.content import Grade, Option, Question, Rules, ScoreFeedback, SingleChoice, TestContent
from protocol.errors import Refusal
from protocol.rest.results import Mark, Result
from protocol.rules.grading import Counted, Standing, outcome
from protocol.rules.regrading import Ordered
from protocol.rules.release import (
    MARKED_ANEW,
    counting_for,
    for_candidate,
    held_back,
    is_over,
    marks_from_ms,
    no_result,
    result_of,
)
from tests.protocol.attempt.scene import T0, Scene

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
KEYS = TestContent(
    title="T",
    questions=[
        Question(
            question_id="q",
            body="How many?",
            feedback="See chapter 2.",
            score_feedback=[ScoreFeedback(500, "Half of it."), ScoreFeedback(501, "More."), ScoreFeedback(0, "None.")],
            interactions=[
                SingleChoice(
                    options=[Option("a", "one"), Option("b", "two")],
                    correct="a",
                    points_mpt=2,
                    option_feedback={"a": "Well done.", "b": "Count again."},
                )
            ],
        )
    ],
)
REGRADE = Ordered("regrade-1", 2, T0, under_way=True)
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
    seen = for_candidate(RESULT, Rules(shows=shows), from_ms, KEYS, {"q": "b"})
    assert len(seen.marks) == marks
    said = [] if seen.feedback is None else [(one.response_id, one.option, one.body) for one in seen.feedback]
    assert said == ([] if feedback is None else [("answer", "two", "Count again."), (None, None, "Half of it.")])
    assert {one.feedback for one in seen.marks} <= {feedback}
    assert (seen.reason, seen.changed_by, seen.corrected, seen.score_mpt) == ("", None, True, 1)
    assert all(one.marked_by is None for one in seen.marks)
    assert seen.marks_from_ms == (from_ms if shows != "score" else None)


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("reference", [None, "5WND-1WE8-P4CE"])
def test_why_there_is_no_result(status: Status, reference: str | None) -> None:
    found = no_result(status, reference)
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
    attempt = replace(Scene().attempt, status=status, reference="R", test_version=1)
    found = result_of(attempt, stored, Rules(shows=shows), to_candidate=to_candidate)
    assert (found.code if isinstance(found, Refusal) else None) is code
    if code is None:
        assert found == stored


def test_a_complete_result_has_its_grade() -> None:
    rules = Rules(grades=[Grade("pass", 500), Grade("good", 750)])
    attempt = replace(Scene().attempt, status=Status.COMPLETED, reference="R", test_version=1)
    assert result_of(attempt, RESULT, rules, to_candidate=True) == replace(RESULT, grade="pass")
    assert result_of(attempt, INCOMPLETE, rules, to_candidate=False) == INCOMPLETE


@pytest.mark.parametrize(("closes_at_ms", "over"), [(None, False), (NOW - 1_999, False), (NOW - 2_000, True)])
def test_a_window_is_over_after_its_grace(closes_at_ms: int | None, over: bool) -> None:
    assert is_over(Rules(closes_at_ms=closes_at_ms, grace_ms=2_000), NOW) is over


@pytest.mark.parametrize(
    ("key_version", "regrade", "marked_by", "shown"),
    [
        (None, None, 1, True),
        (2, None, 1, False),
        (2, None, 2, True),
        (None, REGRADE, 1, False),
        (None, replace(REGRADE, under_way=False), 1, True),
        (None, replace(REGRADE, at_ms=T0 - 1), 1, True),
        (None, replace(REGRADE, key_version=1), 1, True),
    ],
    ids=["none", "in the log", "made", "accepted", "over", "begun after it", "the same keys"],
)
def test_no_candidate_sees_marks_by_keys_that_a_regrade_is_about_to_replace(
    key_version: int | None, regrade: Ordered | None, marked_by: int, shown: bool
) -> None:
    attempt = replace(Scene().started().submitted().attempt, key_version=key_version)
    stored = replace(RESULT, reference=attempt.reference, key_version=marked_by)
    found = result_of(attempt, stored, Rules(), regrade, to_candidate=True)
    assert isinstance(found, Refusal) is not shown
    if isinstance(found, Refusal):
        assert (found.code, found.detail) == (Code.NOT_READY, MARKED_ANEW)
    assert isinstance(result_of(attempt, stored, Rules(), regrade, to_candidate=False), Result), "staff see both"


PARTS = (Counted("a", 1, 500, 1_000), Counted("b", 2, 800, 1_000))


@pytest.mark.parametrize(
    ("rule", "counts", "score_mpt"),
    [("best", [False, True], 800), ("first", [True, False], 500), ("average", [True, True], 650)],
)
def test_a_candidate_is_told_which_of_her_attempts_counts(rule: Any, counts: list[bool], score_mpt: int) -> None:
    rules = Rules(counts=rule, max_attempts=None)
    her = Standing(PARTS, 0, outcome(rules, PARTS))
    told = counting_for(rules, her, "a", this_alone=False)
    assert told is not None
    assert (told.rule, told.waiting, told.score_mpt, told.max_mpt) == (rule, 0, score_mpt, 1_000)
    assert [(part.attempt_number, part.this, part.counts) for part in told.parts] == [
        (1, True, counts[0]),
        (2, False, counts[1]),
    ]
    # A link to one result is handed on to others.
    alone = counting_for(rules, her, "a", this_alone=True)
    assert alone is not None
    assert [(part.attempt_number, part.counts) for part in alone.parts] == [(1, counts[0])]
    assert alone.score_mpt == (500 if rule == "first" else None)


def test_nothing_is_told_of_attempts_where_there_is_one_alone() -> None:
    one = Standing(PARTS[:1], 0, outcome(Rules(), PARTS[:1]))
    assert counting_for(Rules(max_attempts=1), one, "a", this_alone=False) is None
    assert counting_for(Rules(max_attempts=2), one, "a", this_alone=False) is not None
    waits = counting_for(Rules(max_attempts=1), Standing(PARTS[:1], 1, None), "a", this_alone=False)
    assert waits is not None
    assert (waits.waiting, waits.score_mpt, waits.parts[0].counts) == (1, None, False)
