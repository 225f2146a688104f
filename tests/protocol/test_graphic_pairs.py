"""Spots of a picture that are put in order, joined, or get choices put on them. Their marks are those of the questions
without a picture."""

from typing import Any

import pytest

from protocol.answering import PaperIndex, accept, in_words_of
from protocol.attempt.laying import is_the_same_for_all, lay_out
from protocol.attempt.paper import make_paper, on_paper
from protocol.codes import Code
from protocol.content import (
    Associate,
    GapMatch,
    GraphicAssociate,
    GraphicGapMatch,
    GraphicOrder,
    Interaction,
    Option,
    Order,
    PairOption,
    PairSpot,
    Question,
    TestContent,
)
from protocol.content_checks import check_test
from protocol.errors import Refusal
from protocol.marking.question import lowest_mark, mark_question
from protocol.messages.base import Value
from tests.protocol.pictures import PICTURE, SPOTS, fault_of

LABELS = [PairOption("x", "X", 1), PairOption("y", '<img src="media:1" alt="Y">', 2)]


def spots(max_uses: int | None = 1) -> list[PairSpot]:
    return [
        PairSpot(spot_id=spot.spot_id, shape=spot.shape, coords=spot.coords, label=spot.label, max_uses=max_uses)
        for spot in SPOTS
    ]


def order(**more: Any) -> GraphicOrder:
    return GraphicOrder(picture=PICTURE, spots=SPOTS, correct=[*"bcda"], **more)


def gaps(**more: Any) -> GraphicGapMatch:
    fields = {"picture": PICTURE, "spots": spots(), "choices": LABELS, "correct": [("x", "a"), ("y", "b")]}
    return GraphicGapMatch(**{**fields, **more})


def lines(**more: Any) -> GraphicAssociate:
    fields = {"picture": PICTURE, "spots": spots(2), "correct": [("a", "b"), ("c", "b")]}
    return GraphicAssociate(**{**fields, **more})


def question(asked: Interaction) -> Question:
    return Question(question_id="q", body="?", interactions=[asked])


def content(asked: Interaction) -> TestContent:
    return TestContent(title="T", questions=[question(asked)])


@pytest.mark.parametrize(
    ("asked", "value", "code"),
    [
        (order(), [*"abcd"], None),
        (order(), ["d", "b"], None),
        (order(), [], None),
        (order(), "abcd", Code.WRONG_ANSWER_TYPE),
        (order(), [*"aba"], Code.WRONG_ANSWER_TYPE),
        (order(), [*"abe"], Code.UNKNOWN_OPTION),
        (gaps(), [("x", "b"), ("y", "a"), ("y", "c")], None),
        (gaps(), [("x", "b"), ("x", "a")], Code.TOO_MANY_CHOICES),
        (gaps(), [("x", "b"), ("y", "b")], Code.TOO_MANY_CHOICES),
        (gaps(), [("a", "x")], Code.UNKNOWN_OPTION),
        (gaps(), ["x"], Code.WRONG_ANSWER_TYPE),
        (lines(), [("a", "b"), ("c", "b")], None),
        (lines(), [("a", "b"), ("b", "a")], Code.WRONG_ANSWER_TYPE),
        (lines(), [("a", "a")], Code.WRONG_ANSWER_TYPE),
        (lines(), [("a", "b"), ("a", "c"), ("d", "a")], Code.TOO_MANY_CHOICES),
        (lines(max_pairs=1), [("a", "b"), ("c", "b")], Code.TOO_MANY_CHOICES),
    ],
)
def test_what_is_an_answer(asked: Interaction, value: Value, code: Code | None) -> None:
    check_test(content(asked)) if code is None else None
    kept = accept(on_paper(question(asked)), value)
    if code is None:
        assert kept == value
        assert in_words_of(PaperIndex([on_paper(question(asked))]).words, value) == value
    else:
        assert isinstance(kept, Refusal)
        assert kept.code is code


OPTIONS = [Option(name, name) for name in "abcd"]
TEXT = "".join(f'<pd-gap id="{name}"></pd-gap>' for name in "abcd")


@pytest.mark.parametrize(
    ("asked", "other", "values"),
    [
        *(
            (
                order(partial=partial, wrong_mpt=100),
                Order(options=OPTIONS, correct=[*"bcda"], partial=partial, wrong_mpt=100),
                [[*"bcda"], [*"bcad"], [*"adbc"], [*"dcba"]],
            )
            for partial in ("none", "places", "pairs")
        ),
        *(
            (
                gaps(partial=partial, wrong_mpt=100),
                GapMatch(text=TEXT, choices=LABELS, correct=[("x", "a"), ("y", "b")], partial=partial, wrong_mpt=100),
                [[("x", "a"), ("y", "b")], [("x", "a")], [("x", "a"), ("y", "c")], [("y", "a"), ("x", "b")]],
            )
            for partial in ("none", "gaps", "pairs")
        ),
        *(
            (
                lines(partial=partial),
                Associate(
                    choices=[PairOption(name, name, 2) for name in "abcd"],
                    correct=[("a", "b"), ("c", "b")],
                    partial=partial,
                ),
                [[("b", "a"), ("b", "c")], [("a", "b")], [("a", "b"), ("c", "d")], [("a", "d")]],
            )
            for partial in ("none", "pairs")
        ),
    ],
)
def test_marks_are_those_without_a_picture(asked: Interaction, other: Interaction, values: list[Value]) -> None:
    marks = [mark_question(question(asked), value) for value in values]
    assert marks == [mark_question(question(other), value) for value in values]
    assert marks[0] == 1_000
    assert max(mark or 0 for mark in marks[1:]) < 1_000
    assert lowest_mark(question(asked)) == lowest_mark(question(other))


def test_an_order_of_some_spots_has_its_share() -> None:
    asked = question(order(partial="places", wrong_mpt=100))
    assert mark_question(asked, [*"bc"]) == 500
    assert mark_question(asked, [*"cd"]) == -100
    assert mark_question(asked, []) == 0


def test_labels_are_shuffled_and_spots_are_not() -> None:
    asked = content(gaps(shuffle=True))
    assert not is_the_same_for_all(asked, None)
    shown = [make_paper("t", 1, asked, None, lay_out(asked, None, seed)).questions[0] for seed in range(20)]
    (first, second) = sorted(
        {tuple(choice.option_id for choice in one.interactions[0].choices) for one in shown}  # type: ignore[union-attr]
    )
    assert (first, second) == (("x", "y"), ("y", "x"))
    assert is_the_same_for_all(content(lines()), None)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (order(partial="places"), None),
        (GraphicOrder(picture=PICTURE, spots=SPOTS, correct=[*"abc"]), "`correct` must name every spot once"),
        (GraphicOrder(picture=PICTURE, spots=SPOTS[:1] * 2, correct=[*"aa"]), "two spots have the same id"),
        (gaps(), None),
        (gaps(correct=[("x", "e")]), "`correct` has a pair with 'e'"),
        (gaps(choices=LABELS[:1] * 2), "two choices have the same id"),
        (gaps(spots=spots()[:1] * 2), "two spots have the same id"),
        (
            gaps(spots=[PairSpot(spot_id="a", shape="circle", coords=[1, 2, 3, 4])]),
            "spot 'a': its `circle` needs 3",
        ),
        (lines(), None),
        (lines(correct=[("a", "a")]), "pairs something with itself"),
        (lines(spots=spots(1)), "more than may be paired"),
    ],
)
def test_what_a_test_must_have(asked: Interaction, said: str | None) -> None:
    fault = fault_of(content(asked))
    assert fault is None if said is None else said in fault
