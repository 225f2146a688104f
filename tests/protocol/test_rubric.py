"""Rubrics: which are taken, which marks fit them, what two markers' marks come to, and what a result tells."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from protocol.attempt.model import HandMark
from protocol.content import (
    Criteria,
    Criterion,
    CriterionMark,
    Essay,
    Level,
    Question,
    TrueFalse,
    mean_criteria,
    rubric_fault,
)
from protocol.errors import Refused
from protocol.marking.judged import judged
from protocol.question_checks import check_question
from protocol.rest.results import JudgedCriterion

ARGUMENT = Criterion("Argument", [Level(0, "No thesis."), Level(1_500, "A thesis."), Level(3_000, "With reasons.")])
STYLE = Criterion("Style", [Level(2_000, "Clear."), Level(0, "Muddled.")])
RUBRIC = [ARGUMENT, STYLE]
ESSAY = Question(question_id="q", body="<p>?</p>", interactions=[Essay(points_mpt=5_000)], rubric=RUBRIC)


def gave(**points: int) -> Criteria:
    return tuple(CriterionMark(name, mpt) for name, mpt in points.items())


@pytest.mark.parametrize(
    ("criteria", "score_mpt", "said"),
    [
        ((), 1_234, None),
        (gave(Argument=1_500, Style=2_000), 3_500, None),
        (gave(Style=2_000, Argument=1_500), 3_500, None),
        (gave(Argument=1_500), 1_500, "name each criterion"),
        (gave(Argument=1_500, Style=0, Length=0), 1_500, "name each criterion"),
        ((*gave(Argument=0), *gave(Argument=0, Style=0)), 0, "name each criterion"),
        (gave(Argument=1_000, Style=0), 1_000, "No level of 'Argument' is worth 1000"),
        (gave(Argument=1_500, Style=2_000), 3_000, "sum"),
    ],
)
def test_a_mark_fits_the_rubric_or_a_sentence_says_why_not(
    criteria: Criteria, score_mpt: int, said: str | None
) -> None:
    fault = rubric_fault(RUBRIC, criteria, score_mpt)
    assert fault is None if said is None else fault is not None and said in fault


def test_no_criteria_fit_a_question_without_a_rubric() -> None:
    assert "no rubric" in (rubric_fault([], gave(Argument=0), 0) or "")


@given(st.lists(st.tuples(st.integers(0, 9_999), st.integers(0, 9_999)), min_size=1, max_size=6))
def test_the_means_of_two_markers_add_up_to_the_mean_of_their_marks(pairs: list[tuple[int, int]]) -> None:
    first, second = (tuple(CriterionMark(str(at), pair[i]) for at, pair in enumerate(pairs)) for i in (0, 1))
    means = mean_criteria(first, second[::-1])
    together = sum(one.score_mpt for one in (*first, *second))
    assert sum(one.score_mpt for one in means) == (together + 1) // 2
    for mean, (one, other) in zip(means, pairs, strict=True):
        assert abs(2 * mean.score_mpt - one - other) <= 1


def test_there_is_no_mean_of_a_mark_by_criteria_and_one_as_a_whole() -> None:
    assert mean_criteria(gave(Argument=0, Style=0), ()) == ()
    assert mean_criteria((), gave(Argument=0, Style=0)) == ()


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (replace(ESSAY, interactions=[Essay(points_mpt=4_000)]), "worth 5 together, and the question 4"),
        (replace(ESSAY, interactions=[TrueFalse(points_mpt=5_000, correct=True)]), "nobody marks it by hand"),
        (replace(ESSAY, scored=False), "nobody marks it by hand"),
        (replace(ESSAY, rubric=[ARGUMENT, replace(STYLE, name="argument")]), "two criteria"),
        (
            replace(ESSAY, rubric=[ARGUMENT, Criterion("Style", [Level(2_000, "Clear."), Level(2_000, "Plain.")])]),
            "two levels of the criterion 'Style' are worth the same",
        ),
        (replace(ESSAY, rubric=[ARGUMENT, replace(STYLE, name="\u200b ")]), "has no name"),
        (
            replace(ESSAY, rubric=[ARGUMENT, Criterion("Style", [Level(2_000, "Clear."), Level(0, "\u200b")])]),
            "says nothing of a level of 'Style'",
        ),
    ],
)
def test_a_rubric_that_does_not_fit_its_question_is_refused(question: Question, said: str) -> None:
    check_question(ESSAY, ())
    with pytest.raises(Refused) as refused:
        check_question(question, ())
    assert said in refused.value.refusal.detail


def test_a_result_tells_what_was_given_by_each_criterion() -> None:
    mark = HandMark(2_250, 5_000, "", "mia", b"", gave(Style=1_500, Argument=1_500))
    assert judged(ESSAY, mark) == [
        JudgedCriterion(name="Argument", score_mpt=1_500, max_mpt=3_000, says="A thesis."),
        # Between two markers: no level is worth so much.
        JudgedCriterion(name="Style", score_mpt=1_500, max_mpt=2_000, says=None),
    ]
    assert judged(ESSAY, replace(mark, criteria=())) is None
    assert judged(replace(ESSAY, rubric=[ARGUMENT]), mark) is None, "it was judged by another rubric"
    assert judged(replace(ESSAY, rubric=[ARGUMENT, Criterion("Style", [Level(0, "A"), Level(1, "B")])]), mark) is None
