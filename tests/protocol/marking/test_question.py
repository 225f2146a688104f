"""Weights, negative marks, floors, tolerances and patterns: examples, then what holds for all."""

from fractions import Fraction
from itertools import combinations
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from protocol.content import (
    AcceptedNumber,
    AcceptedText,
    Essay,
    Marked,
    MultipleChoice,
    Numeric,
    Option,
    Question,
    ShortText,
    SingleChoice,
    TestContent,
    TrueFalse,
)
from protocol.content_checks import check_test
from protocol.errors import Refused
from protocol.marking.near import round_to_figures
from protocol.marking.question import lowest_mark, mark_question
from protocol.messages.base import Value

OPTIONS = [Option(letter, letter.upper()) for letter in "abcd"]


def one(**more: Any) -> Question:
    return Question(question_id="q", body="?", interactions=[SingleChoice(options=OPTIONS, correct="a", **more)])


def several(**more: Any) -> Question:
    return Question(
        question_id="q", body="?", interactions=[MultipleChoice(options=OPTIONS, correct=["a", "b"], **more)]
    )


def number(*accepted: AcceptedNumber, **more: Any) -> Question:
    return Question(question_id="q", body="?", interactions=[Numeric(accepted=list(accepted), **more)])


def near(value: str, tolerance: str, within: Any = "absolute", points_mpt: int | None = None) -> AcceptedNumber:
    return AcceptedNumber(value=value, tolerance=tolerance, within=within, points_mpt=points_mpt)


def text(*accepted: str | AcceptedText, **more: Any) -> Question:
    return Question(question_id="q", body="?", interactions=[ShortText(accepted=list(accepted), **more)])


def pattern(said: str, points_mpt: int | None = None) -> AcceptedText:
    return AcceptedText(text=said, pattern=True, points_mpt=points_mpt)


WEIGHED = one(weights_mpt={"a": 1_000, "b": 500, "c": -250}, min_mpt=-250)
WEIGHED_SET = several(weights_mpt={"a": 600, "b": 400, "c": -500})


@pytest.mark.parametrize(
    ("question", "value", "score_mpt"),
    [
        (one(wrong_mpt=250), "a", 1_000),
        (one(wrong_mpt=250), "b", -250),
        (one(wrong_mpt=250), None, 0),
        (one(wrong_mpt=250, min_mpt=0), "b", 0),
        (one(wrong_mpt=250, min_mpt=-100), "b", -100),
        (WEIGHED, "a", 1_000),
        (WEIGHED, "b", 500),
        (WEIGHED, "c", -250),
        (WEIGHED, "d", 0),
        (WEIGHED_SET, ["a", "b"], 1_000),
        (WEIGHED_SET, ["a"], 600),
        (WEIGHED_SET, ["a", "b", "c"], 500),
        (WEIGHED_SET, ["c"], 0),
        (WEIGHED_SET, [], 0),
        (several(wrong_mpt=250), ["a"], -250),
        (several(wrong_mpt=250), [], 0),
        (several(partial=True, wrong_mpt=100), ["a", "c"], 400),
        (several(partial=True, wrong_mpt=600), ["a", "c", "d"], -700),
        (several(partial=True, wrong_mpt=600, min_mpt=-50), ["a", "c", "d"], -50),
        (Question(question_id="q", body="?", interactions=[TrueFalse(correct=True, wrong_mpt=1_000)]), "false", -1_000),
        (number(near("100", "0.05", "relative")), "105", 1_000),
        (number(near("100", "0.05", "relative")), "94.99", 0),
        (number(near("-100", "0.05", "relative")), "-95", 1_000),
        (number(near("0", "0.05", "relative")), "0.0001", 0),
        (number(near("3.14159", "3", "significant")), "3.14", 1_000),
        (number(near("3.14159", "3", "significant")), "3.135", 1_000),
        (number(near("3.14159", "3", "significant")), "3.1349", 0),
        (number(near("3.14159", "3", "significant")), "3.145", 0),
        (number(near("1234", "2", "significant")), "1.2e3", 1_000),
        (number(near("0.00099951", "2", "significant")), "0.001", 1_000),
        (number(near("10", "0"), near("10", "1", points_mpt=500)), "10", 1_000),
        (number(near("10", "0"), near("10", "1", points_mpt=500)), "10.5", 500),
        (number(near("10", "0"), near("10", "1", points_mpt=500), wrong_mpt=250), "12", -250),
        (number(near("10", "0"), wrong_mpt=250), "ten", -250),
        (number(near("10", "0"), wrong_mpt=250), "\u200b ", 0),
        (text("Paris", AcceptedText(text="Lutetia", points_mpt=500)), "lutetia", 500),
        (text("Paris", wrong_mpt=100), "Rome", -100),
        (text(pattern("colo*r")), "Colour", 1_000),
        (text(pattern("colo*r")), "color", 1_000),
        (text(pattern("colo*r")), "colors", 0),
        (text(pattern("*an*an*")), "banana", 1_000),
        (text(pattern("a*a")), "a", 0),
        (text(pattern("New *")), "new   York", 1_000),
        (text(pattern("a.c")), "abc", 0),
        (text("a*c"), "abc", 0),
        (text("a*c"), "A*C", 1_000),
    ],
)
def test_one_answer(question: Question, value: Value, score_mpt: int) -> None:
    check_test(TestContent(title="T", questions=[question]))
    assert mark_question(question, value) == score_mpt


def test_a_pattern_takes_no_longer_for_what_nearly_fits() -> None:
    """An engine that goes back over its choices would not come to an end here."""
    question = text(pattern("a*" * 90 + "b"), max_chars=1_000)
    assert mark_question(question, "a" * 1_000) == 0


OPTION_SETS = st.sets(st.sampled_from("abcd"))
POINTS = st.integers(0, 5_000)
FLOOR = st.none() | st.integers(-3_000, 0)


@st.composite
def questions(draw: st.DrawFn) -> Question:
    marked = {"points_mpt": draw(POINTS), "wrong_mpt": draw(POINTS), "min_mpt": draw(FLOOR)}
    match draw(st.sampled_from(["one", "several", "number", "text"])):
        case "one":
            return one(**marked)
        case "several":
            return several(partial=draw(st.booleans()), **marked)
        case "number":
            return number(near(str(draw(st.integers(-5, 5))), "1"), near("3", "0.5", "relative"), **marked)
        case _:
            return text("a", pattern("b*"), **marked)


ANSWERS = st.none() | st.text("abcd123.,-\u200b", max_size=4) | OPTION_SETS.map(sorted)


@given(questions(), ANSWERS)
def test_no_mark_is_above_the_points_or_below_the_floor(question: Question, value: Value) -> None:
    score_mpt = mark_question(question, value)
    assert score_mpt is not None
    assert score_mpt <= question.points_mpt
    (asked,) = question.interactions
    assert isinstance(asked, Marked)
    assert score_mpt >= (asked.min_mpt if asked.min_mpt is not None else -asked.wrong_mpt * 4)
    if not value:
        assert score_mpt == 0


@given(questions())
def test_the_lowest_mark_is_the_least_of_all_that_can_be_answered(question: Question) -> None:
    answers: list[Value] = [None, "a", "b", "c", "d", "17"]
    if isinstance(question.interactions[0], MultipleChoice):
        answers = [list(chosen) for count in range(5) for chosen in combinations("abcd", count)]
    marks = [mark_question(question, value) for value in answers]
    assert lowest_mark(question) == min(mark for mark in marks if mark is not None)


@pytest.mark.parametrize(
    ("question", "lowest"),
    [
        (WEIGHED, -250),
        (several(weights_mpt={"a": 2_000, "b": 1_000, "c": -400, "d": -300}, points_mpt=3_000, min_mpt=-600), -600),
        (several(weights_mpt={"a": 2_000, "b": 1_000, "c": -400}, points_mpt=3_000), 0),
        (Question(question_id="q", body="Why?", interactions=[Essay()]), 0),
    ],
)
def test_the_lowest_mark_of_weights_and_of_an_essay(question: Question, lowest: int) -> None:
    assert lowest_mark(question) == lowest


@pytest.mark.parametrize("blank", [None, "", "  "])
def test_what_leaving_a_question_unanswered_is_worth(blank: Value) -> None:
    contest = replace(one(points_mpt=6_000), unanswered_mpt=1_500)
    check_test(TestContent(title="T", questions=[contest]))
    assert [mark_question(contest, value) for value in (blank, "b", "a")] == [1_500, 0, 6_000]
    assert mark_question(replace(contest, scored=False), blank) == 0
    assert lowest_mark(contest) == 0
    assert lowest_mark(replace(contest, unanswered_mpt=-500)) == -500
    essay = Question(question_id="q", body="Why?", interactions=[Essay()], unanswered_mpt=-250)
    assert [mark_question(essay, value) for value in (blank, "Because.")] == [-250, None]


def test_leaving_a_question_unanswered_gives_no_more_than_answering_it() -> None:
    with pytest.raises(Refused) as refused:
        check_test(TestContent(title="T", questions=[replace(one(), unanswered_mpt=1_001)]))
    assert "`unanswered` is more than its points" in refused.value.refusal.detail


def test_a_pattern_of_an_asterisk_is_any_answer() -> None:
    question = text("Paris", pattern("*", 250))
    check_test(TestContent(title="T", questions=[question]))
    assert [mark_question(question, value) for value in ("Paris", "Lyon", None)] == [1_000, 250, 0]


@given(
    st.dictionaries(st.sampled_from("abcd"), st.integers(-2_000, 2_000), min_size=1),
    FLOOR,
    OPTION_SETS,
)
def test_weights_are_within_points_and_floor(weights: dict[str, int], floor: int | None, chosen: set[str]) -> None:
    best = sum(worth for worth in weights.values() if worth > 0)
    assume(best > 0)
    correct = sorted(name for name, worth in weights.items() if worth > 0)
    question = Question(
        question_id="q",
        body="?",
        interactions=[
            MultipleChoice(options=OPTIONS, correct=correct, points_mpt=best, weights_mpt=weights, min_mpt=floor)
        ],
    )
    check_test(TestContent(title="T", questions=[question]))
    score_mpt = mark_question(question, sorted(chosen))
    assert score_mpt is not None
    assert (floor or 0) <= score_mpt <= best


@given(POINTS, POINTS, FLOOR, OPTION_SETS, st.sampled_from("abcd"))
def test_partial_credit_grows_with_right_options_and_shrinks_with_wrong_ones(
    points_mpt: int, wrong_mpt: int, floor: int | None, chosen: set[str], more: str
) -> None:
    question = several(partial=True, points_mpt=points_mpt, wrong_mpt=wrong_mpt, min_mpt=floor)
    correct = ["a", "b"]
    # Nothing chosen is no answer: it is marked by another rule.
    assume(chosen - {more})
    without, with_it = (mark_question(question, sorted(names)) for names in (chosen - {more}, chosen | {more}))
    assert without is not None
    assert with_it is not None
    assert with_it >= without if more in correct else with_it <= without


@given(st.fractions(), st.integers(1, 12))
def test_a_rounded_number_has_its_figures_and_is_the_nearest(value: Fraction, figures: int) -> None:
    rounded = round_to_figures(value, figures)
    assert round_to_figures(rounded, figures) == rounded
    assert round_to_figures(-value, figures) == -rounded
    if value:
        assert abs(rounded - value) * 2 * 10 ** (figures - 1) <= abs(rounded)
        digits = str(abs(rounded).numerator).strip("0")
        assert len(digits) >= 1 or rounded == 0
