"""What candidates read of what wrong answers take away."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from protocol.attempt.paper import on_paper
from protocol.content import (
    AcceptedText,
    Essay,
    GapMatch,
    Hotspot,
    Hottext,
    InlineChoice,
    Interaction,
    Match,
    MultipleChoice,
    Numeric,
    Option,
    Order,
    PairOption,
    PairWorth,
    Picture,
    Point,
    Question,
    ShortText,
    SingleChoice,
    Spot,
    TrueFalse,
    WorthArea,
)
from protocol.marking.costs import costs_of
from protocol.marking.question import lowest_mark, mark_question
from protocol.paper import PaperCost

OPTIONS = [Option(letter, letter.upper()) for letter in "abcd"]
ROWS = [PairOption(option_id=name, body=name) for name in "xy"]
PICTURE = Picture(src=f"media:{'0a' * 32}", alt="", width=9, height=9)


def one(**more: Any) -> SingleChoice:
    return SingleChoice(options=OPTIONS, correct="a", **more)


def several(**more: Any) -> MultipleChoice:
    return MultipleChoice(options=OPTIONS, correct=["a", "b"], **more)


def rows(**more: Any) -> Match:
    return Match(rows=ROWS, columns=ROWS, correct=[("x", "x"), ("y", "y")], **more)


def asked(*interactions: Interaction, **more: Any) -> Question:
    parts = [replace(one, response_id=f"part-{at}") for at, one in enumerate(interactions)]
    return Question(question_id="q", body="?", interactions=parts, **more)


def cost(what: str, takes_mpt: int | None, **more: Any) -> PaperCost:
    return PaperCost("part-0", what, takes_mpt, **more)


@pytest.mark.parametrize(
    ("interaction", "told"),
    [
        (one(), None),
        (one(wrong_mpt=250), cost("answer", 250)),
        (one(wrong_mpt=250, min_mpt=-100), cost("answer", 100)),
        (one(wrong_mpt=250, min_mpt=0), None),
        (one(weights_mpt={"a": 1_000, "b": -500}), None),
        (one(weights_mpt={"a": 1_000, "b": -500}, min_mpt=-500), cost("answer", 500, up_to=True)),
        (one(weights_mpt={"a": 1_000, "b": -500, "c": -500, "d": -500}, min_mpt=-500), cost("answer", 500)),
        (one(weights_mpt={"a": 1_000, "b": -5, "c": -9, "d": -7}, wrong_mpt=1), cost("answer", 9, up_to=True)),
        (InlineChoice(options=OPTIONS, correct="a", wrong_mpt=7), cost("answer", 7)),
        (TrueFalse(correct=True, wrong_mpt=1_000), cost("answer", 1_000)),
        (Numeric(accepted=[], wrong_mpt=5), cost("answer", 5)),
        (ShortText(accepted=[AcceptedText(text="a")], wrong_mpt=5, min_mpt=-4), cost("answer", 4)),
        (several(wrong_mpt=250), cost("answer", 250)),
        (several(partial=True), None),
        (several(partial=True, min_mpt=-1_000), cost("mistake", None, least_mpt=-1_000)),
        (several(partial=True, wrong_mpt=250), cost("mistake", 250)),
        (several(partial=True, wrong_mpt=250, min_mpt=0), cost("mistake", 250, least_mpt=0)),
        (several(weights_mpt={"a": 600, "b": 400, "c": -5}), cost("mistake", 5, up_to=True, least_mpt=0)),
        (Hottext(text='<pd-hot id="a">A</pd-hot>', correct=["a"], wrong_mpt=5), cost("answer", 5)),
        (
            Hotspot(
                picture=PICTURE,
                spots=[Spot(spot_id=name, shape="circle", coords=[1, 1, 1]) for name in "ab"],
                correct=["a"],
                max_choices=1,
                partial=True,
                wrong_mpt=5,
            ),
            cost("answer", 5),
        ),
        (rows(), None),
        (rows(partial="none", wrong_mpt=5), cost("answer", 5)),
        (rows(partial="rows", wrong_mpt=5), cost("mistake", 5)),
        (rows(partial="pairs", min_mpt=-5), cost("mistake", None, least_mpt=-5)),
        (
            rows(weights=[PairWorth(pair=("x", "x"), worth_mpt=1_000)], default_mpt=-5, min_mpt=-9),
            cost("mistake", 5, least_mpt=-9),
        ),
        (
            GapMatch(text='<pd-gap id="x"></pd-gap>', choices=ROWS, correct=[("x", "x")], partial="gaps", wrong_mpt=5),
            cost("mistake", 5),
        ),
        (Order(options=OPTIONS, correct=["a", "b", "c", "d"], partial="none", wrong_mpt=5), cost("answer", 5)),
        (Order(options=OPTIONS, correct=["a", "b", "c", "d"], partial="pairs", wrong_mpt=5), cost("nothing_right", 5)),
        (
            Point(picture=PICTURE, areas=[WorthArea(shape="circle", coords=[1, 1, 1])], wrong_mpt=5),
            cost("mistake", 5),
        ),
        (Essay(), None),
    ],
)
def test_what_is_told_of_one_part(interaction: Interaction, told: PaperCost | None) -> None:
    assert costs_of(asked(interaction)) == ([] if told is None else [told])


def test_each_part_has_its_own_and_all_or_nothing_has_none() -> None:
    parts = (one(wrong_mpt=5), Essay(), several(partial=True, wrong_mpt=7))
    told = [PaperCost("part-0", "answer", 5), PaperCost("part-2", "mistake", 7)]
    assert costs_of(asked(*parts)) == told
    assert costs_of(asked(*parts, scoring="all")) == []


def test_a_question_that_is_tried_out_is_told_like_the_others() -> None:
    question = asked(one(wrong_mpt=5), unanswered_mpt=-3)
    assert on_paper(replace(question, scored=False)) == on_paper(question)
    keyless = SingleChoice(options=OPTIONS, correct=None, wrong_mpt=5)
    assert costs_of(asked(keyless, scored=False)) == []


@given(
    st.builds(
        one,
        wrong_mpt=st.integers(0, 9),
        min_mpt=st.none() | st.integers(-9, 0),
        weights_mpt=st.just({}) | st.dictionaries(st.sampled_from("bcd"), st.integers(-9, 9)),
    )
)
def test_what_one_choice_takes_is_what_it_is_marked_with(interaction: SingleChoice) -> None:
    question = asked(interaction)
    marks = {mark_question(question, option.option_id) or 0 for option in OPTIONS}
    told = costs_of(question)
    assert -min(0, *marks) == (told[0].takes_mpt if told else 0) == -lowest_mark(question)
    if told and not told[0].up_to:
        assert all(mark > 0 or mark == min(marks) for mark in marks)
