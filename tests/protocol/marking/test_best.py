"""The right answer gives all points, wherever it is not weighed otherwise."""

import pytest

from protocol.answering import accept
from protocol.attempt.paper import on_paper
from protocol.content import (
    AcceptedNumber,
    AcceptedText,
    Associate,
    Essay,
    GapMatch,
    GraphicAssociate,
    GraphicGapMatch,
    GraphicOrder,
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
    PairSpot,
    Picture,
    Point,
    Question,
    ShortText,
    SingleChoice,
    Slider,
    Spot,
    TrueFalse,
    WorthArea,
)
from protocol.marking.best import right_answer, right_part
from protocol.marking.question import mark_question

OPTIONS = [Option(name, name) for name in "abc"]
PAIRED = [PairOption(name, name) for name in "abc"]
PICTURE = Picture(src=f"media:{'0a' * 32}", width=100, height=80, alt="A map")
SPOTS = [Spot(spot_id=name, shape="rect", coords=[10 * n, 0, 10 * n + 9, 9]) for n, name in enumerate("abc")]
JOINED = [PairSpot(spot_id=one.spot_id, shape=one.shape, coords=one.coords) for one in SPOTS]
AREAS = [
    WorthArea(shape="rect", coords=[0, 0, 9, 9]),
    WorthArea(shape="ellipse", coords=[50, 50, 5, 9]),
    WorthArea(shape="poly", coords=[70, 10, 90, 10, 90, 70, 80, 20]),
]
ASKED: list[Interaction] = [
    SingleChoice(options=OPTIONS, correct="b"),
    SingleChoice(options=OPTIONS, correct="b", weights_mpt={"a": 500, "b": 1_000}),
    InlineChoice(options=OPTIONS, correct="c"),
    MultipleChoice(options=OPTIONS, correct=["a", "c"], partial=True),
    MultipleChoice(options=OPTIONS, correct=["a", "c"], weights_mpt={"a": 500, "b": -1_000, "c": 500}),
    Hottext(text='<p><pd-hot id="a">x</pd-hot> <pd-hot id="b">y</pd-hot></p>', correct=["b"]),
    TrueFalse(correct=False),
    Order(options=OPTIONS, correct=["c", "a", "b"]),
    Match(rows=PAIRED, columns=PAIRED, correct=[("a", "b"), ("b", "a")], partial="rows"),
    GapMatch(text='<p><pd-gap id="g"></pd-gap></p>', choices=PAIRED, correct=[("a", "g")]),
    Associate(choices=PAIRED, correct=[("a", "c")]),
    Hotspot(picture=PICTURE, spots=SPOTS, correct=["a", "b"]),
    Hotspot(picture=PICTURE, spots=SPOTS, correct=["a", "b"], max_choices=None),
    Point(picture=PICTURE, areas=AREAS, max_choices=None),
    Point(picture=PICTURE, areas=[WorthArea(shape="circle", coords=[5, 5, 2], worth_mpt=1_000)]),
    GraphicOrder(picture=PICTURE, spots=SPOTS, correct=["b", "a", "c"]),
    GraphicAssociate(picture=PICTURE, spots=JOINED, correct=[("a", "b")]),
    GraphicGapMatch(picture=PICTURE, spots=JOINED, choices=PAIRED, correct=[("a", "b")]),
    Slider(lower="0", upper="10", accepted=[AcceptedNumber(value="7")]),
    Numeric(accepted=[AcceptedNumber(value="3", points_mpt=500), AcceptedNumber(value="4,5")], decimal_sign=","),
    ShortText(accepted=[AcceptedText(text="x", points_mpt=500), AcceptedText(text="y *", pattern=True)]),
]


@pytest.mark.parametrize("asked", ASKED)
def test_the_right_answer_fits_and_gives_all_points(asked: Interaction) -> None:
    question = Question(question_id="q", body="?", interactions=[asked])
    right = right_answer(question)
    assert accept(on_paper(question), right) == right
    assert mark_question(question, right) == question.points_mpt


def test_what_a_person_judges_has_no_right_answer() -> None:
    assert right_part(Essay()) is None
    parts: list[Interaction] = [TrueFalse(response_id="a", correct=True), Essay(response_id="b")]
    assert right_answer(Question(question_id="q", body="?", interactions=parts)) == {"a": "true"}
    essays: list[Interaction] = [Essay(response_id=name) for name in "ab"]
    assert right_answer(Question(question_id="q", body="?", interactions=essays)) is None
