"""Item statistics, against figures worked out by hand and against the definitions, computed another way."""

from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.statistics import QuestionFacts, Response, Sample, correlation, root, rounded, standard_error, variance

POINT = 1_000


def paper(*marks: int | None, worth: int = POINT) -> list[Response]:
    """An attempt: points of the questions q0, q1…; None: left blank."""
    return [
        Response(
            f"q{place}",
            mark or 0,
            worth,
            mark or 0,
            worth,
            mark is None,
            () if mark is None else (("answer", str(mark)),),
        )
        for place, mark in enumerate(marks)
    ]


def sample(*papers: list[Response]) -> Sample:
    made = Sample()
    for one in papers:
        made.add(one)
    return made


def facts(question_id: str = "q0", options: tuple[str, ...] = ("0", "1000")) -> QuestionFacts:
    named = [("answer", option) for option in options]
    return QuestionFacts(question_id, "single_choice", "?", named, [("answer", "1000")])


FOUR = sample(paper(1_000, 1_000), paper(1_000, 0), paper(1_000, 0), paper(None, 0))
"""Scores 2, 1, 1, 0."""


def test_worked_out_by_hand() -> None:
    score = FOUR.score()
    # Variances: 2/3 of the scores, 1/4 of either question. alpha = 2 (1 - (1/4 + 1/4) / (2/3)) = 1/2.
    assert (score.mean_mpt, score.sd_mpt, score.lowest_mpt, score.highest_mpt) == (1_000, 816, 0, 2_000)
    assert (score.alpha_ppm, score.sem_mpt, score.undefined) == (500_000, 577, [])
    found = FOUR.question(facts())
    assert found is not None
    assert (found.attempts, found.blank, found.difficulty_ppm, found.scored) == (4, 1, 750_000, True)
    # The sum of products of the deviations is 1, of the squares 3/4 and 2: 1 / sqrt(3/2).
    assert found.point_biserial_ppm == 816_497
    # The rest of the score is the other question: 1/4 / sqrt(3/4 * 3/4).
    assert found.corrected_point_biserial_ppm == 333_333
    # 27 % of four is one: the best had it right, the last one did not.
    assert (found.upper_lower_ppm, found.undefined) == (1_000_000, [])
    right, wrong = found.options[1], found.options[0]
    assert (right.chosen, right.chosen_ppm, right.upper_ppm, right.lower_ppm, right.correct) == (
        3,
        750_000,
        1_000_000,
        0,
        True,
    )
    assert right.point_biserial_ppm == 333_333
    assert (wrong.chosen, wrong.chosen_ppm, wrong.point_biserial_ppm, wrong.correct) == (0, 0, None, False)


def test_what_is_not_defined_is_nil_and_says_why() -> None:
    assert {(one.figure, one.reason) for one in sample().score().undefined} == {
        (figure, "too_few") for figure in ("mean", "sd", "alpha", "sem")
    }
    alone = sample(paper(1_000, 0))
    assert {(one.figure, one.reason) for one in alone.score().undefined} == {
        (figure, "too_few") for figure in ("sd", "alpha", "sem")
    }
    found = alone.question(facts())
    assert found is not None
    assert {one.reason for one in found.undefined} == {"too_few"}
    assert (found.point_biserial_ppm, found.upper_lower_ppm, found.options[0].upper_ppm) == (None, None, None)
    equal = sample(paper(1_000, 0), paper(1_000, 0))
    assert {(one.figure, one.reason) for one in equal.score().undefined} == {
        ("alpha", "no_variance"),
        ("sem", "no_variance"),
    }
    assert equal.score().sd_mpt == 0
    found = equal.question(facts())
    assert found is not None
    assert [one.figure for one in found.undefined] == ["point_biserial", "corrected_point_biserial", "upper_lower"]
    assert {one.reason for one in found.undefined} == {"no_variance"}
    one_question = sample(paper(1_000), paper(0))
    assert one_question.score().undefined[0].reason == "one_question"
    found = one_question.question(facts())
    assert found is not None
    assert (found.point_biserial_ppm, found.corrected_point_biserial_ppm) == (1_000_000, None)
    assert one_question.question(facts("q1")) is None, "nobody had it"


def test_papers_that_differ_have_no_alpha() -> None:
    drawn = sample(paper(1_000, 0), [*paper(1_000), Response("q2", 0, POINT, 0, POINT, False)])
    other_points = sample(paper(1_000, 0), paper(1_000, 0, worth=2_000))
    for made in (drawn, other_points):
        assert [one.reason for one in made.score().undefined] == ["papers_differ", "papers_differ"]
    shares = other_points.question(facts())
    assert shares is not None
    assert shares.difficulty_ppm == 750_000, "1 of 1, and 1 of 2"


def test_a_question_worth_nothing_is_in_no_total() -> None:
    pilot = [[*paper(a, b), Response("pilot", 0, 0, c, POINT, False)] for a, b, c in ((1_000, 0, 1_000), (0, 0, 0))]
    with_it, without = sample(*pilot), sample(paper(1_000, 0), paper(0, 0))
    assert with_it.score() == without.score()
    found = with_it.question(facts("pilot"))
    assert found is not None
    assert (found.scored, found.difficulty_ppm, found.point_biserial_ppm) == (False, 500_000, 1_000_000)
    assert found.corrected_point_biserial_ppm == found.point_biserial_ppm


def test_a_question_without_a_key_is_only_counted() -> None:
    survey = [[*paper(a, b), Response("survey", 0, 0, 0, 0, False, [("answer", "0")])] for a, b in ((1_000, 0), (0, 0))]
    with_it, without = sample(*survey), sample(paper(1_000, 0), paper(0, 0))
    assert with_it.score() == without.score()
    found = with_it.question(facts("survey"))
    assert found is not None
    assert (found.scored, found.difficulty_ppm, found.point_biserial_ppm, found.upper_lower_ppm) == (False, *[None] * 3)
    assert {one.figure: one.reason for one in found.undefined}["difficulty"] == "no_key"
    assert [(option.option_id, option.chosen) for option in found.options] == [("0", 2), ("1000", 0)]


def test_the_order_of_equal_attempts_decides_nothing() -> None:
    papers = [paper(1_000, 0), paper(0, 1_000), paper(0, 0), paper(1_000, 1_000), paper(None, 1_000)]
    found = {str(sample(*order).question(facts())) for order in permutations(papers)}
    assert len(found) == 1


MARKS = st.lists(st.tuples(*[st.integers(-500, 1_000)] * 3), min_size=2, max_size=30)


@given(MARKS)
def test_the_figures_are_those_of_the_definitions(rows: list[tuple[int, int, int]]) -> None:
    made = sample(*(paper(*row) for row in rows))
    totals = [sum(row) for row in rows]
    found = made.question(facts())
    assert found is not None
    with localcontext() as context:
        context.prec = 60
        assert found.point_biserial_ppm == _pearson([row[0] for row in rows], totals)
        assert found.corrected_point_biserial_ppm == _pearson(
            [row[0] for row in rows], [row[1] + row[2] for row in rows]
        )
        score = made.score()
        spread = _spread(totals)
        assert score.sd_mpt == _whole(spread.sqrt())
        if spread:
            parts = sum((_spread([row[at] for row in rows]) for at in range(3)), Decimal(0))
            alpha = Decimal(3) / 2 * (1 - parts / spread)
            assert score.alpha_ppm is not None
            assert abs(score.alpha_ppm - alpha * 1_000_000) <= Decimal("0.5000001")
            assert score.sem_mpt is not None
            assert abs(score.sem_mpt - (spread * (1 - alpha)).sqrt()) <= Decimal("0.5000001")


def _spread(values: list[int]) -> Decimal:
    mean = Decimal(sum(values)) / len(values)
    return sum(((value - mean) ** 2 for value in values), Decimal(0)) / (len(values) - 1)


def test_the_standard_error_is_how_far_correlations_of_chance_lie_apart() -> None:
    answers, scores = [0, 0, 1, 1, 1, 0], [3, 1, 4, 1, 5, 9]
    found = [correlation(answers, dealt) for dealt in permutations(scores)]
    squares = [value * value for value in found if isinstance(value, int)]
    assert len(squares) == 720
    error = standard_error(len(scores))
    assert error == 447_214, "1 / sqrt(5)"
    assert abs(sum(squares) / len(squares) - error**2) < 1e-5 * error**2
    assert (standard_error(1), standard_error(2), standard_error(101)) == (None, 1_000_000, 100_000)


def _pearson(one: list[int], other: list[int]) -> int | None:
    if len(set(one)) == 1 or len(set(other)) == 1:
        return None
    mean_one, mean_other = Decimal(sum(one)) / len(one), Decimal(sum(other)) / len(other)
    products = ((a - mean_one) * (b - mean_other) for a, b in zip(one, other, strict=True))
    together = sum(products, Decimal(0)) / (len(one) - 1)
    return _whole(together / (_spread(one) * _spread(other)).sqrt() * 1_000_000)


def _whole(number: Decimal) -> int:
    return int(number.quantize(Decimal(1), rounding="ROUND_HALF_UP"))


@pytest.mark.parametrize(("number", "whole"), [("1/2", 1), ("-1/2", -1), ("49/100", 0), ("-151/100", -2), ("7", 7)])
def test_rounding(number: str, whole: int) -> None:
    assert rounded(Fraction(number)) == whole


def test_a_root_is_exact_to_the_last_digit_however_near_to_a_half() -> None:
    almost = Fraction(2 * 10**30 - 1, 4 * 10**30) ** 2
    assert (root(almost, 1), root(Fraction(1, 4), 1), root(Fraction(2), 10**6)) == (0, 1, 1_414_214)
    assert correlation([1, 2, 3], [6, 4, 2]) == -1_000_000
    assert variance([5]) is None


def test_questions_that_are_drawn_are_each_over_those_who_had_them() -> None:
    def drawn(first: int, other: str, second: int) -> list[Response]:
        return [*paper(first), Response(other, second, POINT, second, POINT, False)]

    made = sample(drawn(1_000, "q1", 0), drawn(0, "q2", 1_000), drawn(1_000, "q2", 1_000))
    by_all, by_one, by_two = (made.question(facts(name)) for name in ("q0", "q1", "q2"))
    assert by_all is not None
    assert by_one is not None
    assert by_two is not None
    assert [one.attempts for one in (by_all, by_one, by_two)] == [3, 1, 2]
    # Scores 1, 1, 2: the products of the deviations come to 1/3, the squares to 2/3 each. Without q0 they are 0, 1, 1.
    assert (by_all.difficulty_ppm, by_all.point_biserial_ppm) == (666_667, 500_000)
    assert by_all.corrected_point_biserial_ppm == -500_000
    # One place in each group; two with the lowest score share the lower one.
    assert by_all.upper_lower_ppm == 500_000
    assert {one.reason for one in by_one.undefined} == {"too_few"}
    assert (by_two.difficulty_ppm, {one.reason for one in by_two.undefined}) == (1_000_000, {"no_variance"})


def test_marks_below_zero_are_in_every_figure() -> None:
    made = sample(paper(-500, 0), paper(1_000, 0), paper(None, 0))
    score, found = made.score(), made.question(facts())
    assert found is not None
    # Scores -0.5, 1 and 0: the mean is 1/6, and the squares of the deviations come to 7/6.
    assert (score.lowest_mpt, score.highest_mpt, score.mean_mpt, score.sd_mpt) == (-500, 1_000, 167, 764)
    assert (found.difficulty_ppm, found.blank, found.point_biserial_ppm) == (166_667, 1, 1_000_000)
    # The other question is nothing to correlate with, and alpha is 2 (1 - 1) = 0: nothing but one question varies.
    assert found.corrected_point_biserial_ppm is None
    assert (score.alpha_ppm, score.sem_mpt) == (0, 764)
