"""Setting a number on a scale: which numbers it has, and what one is worth."""

from typing import Any

import pytest

from protocol.answering import accept
from protocol.attempt.paper import on_paper
from protocol.codes import Code
from protocol.content import AcceptedNumber, Question, Slider, TestContent
from protocol.content_checks import check_test
from protocol.errors import Refusal, Refused
from protocol.marking.question import lowest_mark, mark_question
from protocol.messages.base import Value


def question(**more: Any) -> Question:
    fields = {"lower": "-1", "upper": "2.1", "step": "0.2", "accepted": [AcceptedNumber(value="0.5", tolerance="0.1")]}
    return Question(question_id="q", body="?", interactions=[Slider(**{**fields, **more})])


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("-1", None),
        ("0", None),
        ("-0", None),
        ("0.20", None),
        ("2", None),
        (None, None),
        ("2.1", Code.UNKNOWN_OPTION),
        ("2.2", Code.UNKNOWN_OPTION),
        ("-1.2", Code.UNKNOWN_OPTION),
        ("0.1", Code.UNKNOWN_OPTION),
        ("0.20000000000000001", Code.WRONG_ANSWER_TYPE),
        ("0,2", Code.WRONG_ANSWER_TYPE),
        ("1e0", Code.WRONG_ANSWER_TYPE),
        ("NaN", Code.WRONG_ANSWER_TYPE),
        ("", Code.WRONG_ANSWER_TYPE),
        (" 0.2", Code.WRONG_ANSWER_TYPE),
        ("0.2\n", Code.WRONG_ANSWER_TYPE),
        ("\u0660", Code.WRONG_ANSWER_TYPE),
        (["0.2"], Code.WRONG_ANSWER_TYPE),
    ],
)
def test_an_answer_is_a_number_of_the_scale(value: Value, code: Code | None) -> None:
    kept = accept(on_paper(question()), value)
    if code is None:
        assert kept == value
    else:
        assert isinstance(kept, Refusal)
        assert kept.code is code


@pytest.mark.parametrize(
    ("value", "score_mpt"), [("0.4", 1_000), ("0.6", 1_000), ("0.8", 400), ("-1", -100), ("2", -100)]
)
def test_what_a_number_of_the_scale_is_worth(value: str, score_mpt: int) -> None:
    near = AcceptedNumber(value="0.5", tolerance="0.3", points_mpt=400)
    asked = question(accepted=[AcceptedNumber(value="0.5", tolerance="0.1"), near], wrong_mpt=100)
    assert mark_question(asked, value) == score_mpt
    assert lowest_mark(asked) == -100


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"lower": "0,5"}, "`min` is no number with a point"),
        ({"upper": "1e3"}, "`max` is no number with a point"),
        ({"step": "0.0000000001"}, "`step` is no number with a point"),
        ({"upper": "-1"}, "`max` must be above `min`"),
        ({"step": "0"}, "`step` above zero"),
        ({"step": "-1"}, "`step` above zero"),
        ({"step": "4"}, "`step` gives 0 steps"),
        ({"step": "0.0001"}, "`step` gives 31000 steps"),
        (
            {"accepted": [AcceptedNumber(value="0.5", tolerance="0.05")]},
            "`correct` is 0.5, and the scale has",
        ),
        ({"accepted": [AcceptedNumber(value="7")]}, "`correct` is 7, and the scale has"),
        ({"accepted": [AcceptedNumber(value="1", points_mpt=1)]}, "`accepted` gives 1 thousandths"),
    ],
)
def test_a_scale_has_its_key(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused) as refused:
        check_test(TestContent(title="T", questions=[question(**fields)]))
    assert said in str(refused.value.refusal.detail)


def test_a_key_between_two_numbers_that_is_rounded_to_one_of_them_can_be_entered() -> None:
    rounded = AcceptedNumber(value="14.9", tolerance="1", within="significant")
    check_test(TestContent(title="T", questions=[question(lower="0", upper="20", step="5", accepted=[rounded])]))
