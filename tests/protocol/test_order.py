"""Putting things in order: what is an order, in which one they come, and what one is worth."""

from itertools import permutations
from typing import Any

import pytest

from protocol.answering import accept
from protocol.attempt.laying import is_the_same_for_all, lay_out
from protocol.attempt.paper import make_paper, on_paper
from protocol.codes import Code
from protocol.content import Option, Order, Question, TestContent
from protocol.content_checks import check_test
from protocol.errors import Refusal, Refused
from protocol.marking.question import lowest_mark, mark_question
from protocol.messages.base import Value
from protocol.paper import PaperOrder

OPTIONS = [Option(name, name.upper()) for name in "abcd"]


def question(**more: Any) -> Question:
    return Question(question_id="q", body="?", interactions=[Order(options=OPTIONS, correct=[*"bcda"], **more)])


def content(**more: Any) -> TestContent:
    return TestContent(title="T", questions=[question(**more)])


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ([*"abcd"], None),
        ([], None),
        (None, None),
        ("a", Code.WRONG_ANSWER_TYPE),
        ([*"abc"], Code.WRONG_ANSWER_TYPE),
        ([*"abca"], Code.WRONG_ANSWER_TYPE),
        ([*"abce"], Code.UNKNOWN_OPTION),
        ([("a", "b")], Code.UNKNOWN_OPTION),
    ],
)
def test_an_order_has_every_option_once(value: Value, code: Code | None) -> None:
    kept = accept(on_paper(question()), value)
    if code is None:
        assert kept == value
    else:
        assert isinstance(kept, Refusal)
        assert kept.code is code


@pytest.mark.parametrize(
    ("partial", "order", "score_mpt"),
    [
        ("none", "bcda", 1_000),
        ("none", "bcad", -100),
        ("places", "bcad", 500),
        ("places", "adbc", -100),
        ("pairs", "bcad", 333),
        ("pairs", "abcd", 666),
        ("pairs", "dcba", -100),
        ("pairs", "bcda", 1_000),
    ],
)
def test_what_an_order_is_worth(partial: str, order: str, score_mpt: int) -> None:
    assert mark_question(question(partial=partial, wrong_mpt=100), [*order]) == score_mpt


@pytest.mark.parametrize("partial", ["none", "places", "pairs"])
def test_only_the_right_order_gives_all_points_and_none_less_than_the_least(partial: str) -> None:
    asked = question(partial=partial, wrong_mpt=100, points_mpt=3_000)
    marks = {order: mark_question(asked, list(order)) or 0 for order in permutations("abcd")}
    assert [order for order, mark in marks.items() if mark == 3_000] == [("b", "c", "d", "a")]
    assert min(marks.values()) == lowest_mark(asked) == -100
    assert mark_question(asked, []) == 0


def test_each_candidate_finds_them_in_an_order_of_her_own() -> None:
    assert not is_the_same_for_all(content(), None)
    orders = set()
    for seed in range(300):
        (one,) = make_paper("t", 1, content(), None, lay_out(content(), None, seed)).questions
        (shown,) = one.interactions
        assert isinstance(shown, PaperOrder)
        orders.add("".join(option.option_id for option in shown.options))
    assert len(orders) == 24


@pytest.mark.parametrize("correct", [[*"abc"], [*"abcc"], [*"abce"]])
def test_the_key_has_every_option_once(correct: list[str]) -> None:
    asked = Question(question_id="q", body="?", interactions=[Order(options=OPTIONS, correct=correct)])
    with pytest.raises(Refused) as refused:
        check_test(TestContent(title="T", questions=[asked]))
    assert refused.value.refusal.detail == "question 'q': `correct` must name every option once, in the right order"
