from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest.guess import drafts, guess
from protocol.answering import accept
from protocol.attempt.paper import make_paper
from protocol.content import (
    AcceptedNumber,
    Associate,
    Essay,
    GapMatch,
    GraphicAssociate,
    GraphicGapMatch,
    GraphicOrder,
    Hotspot,
    Hottext,
    InlineChoice,
    Match,
    MultipleChoice,
    Numeric,
    Option,
    Order,
    PairOption,
    Point,
    Question,
    ShortText,
    SingleChoice,
    Slider,
    TestContent,
    TrueFalse,
    Upload,
    WorthArea,
)
from tests.protocol.pictures import PAIR_SPOTS, PICTURE, SPOTS

OPTIONS = [Option("a", "A"), Option("b", "B"), Option("c", "C")]
PAIRED = [PairOption("a", "A", 1), PairOption("b", "B", 2), PairOption("c", "C")]
QUESTIONS: list[Question] = [
    Question(question_id="q", body="?", interactions=[SingleChoice(options=OPTIONS, correct="a")]),
    Question(question_id="q", body="?", interactions=[InlineChoice(options=OPTIONS, correct="a")]),
    Question(question_id="q", body="?", interactions=[MultipleChoice(options=OPTIONS, correct=["a"])]),
    Question(question_id="q", body="?", interactions=[Order(options=OPTIONS, correct=["a", "b", "c"])]),
    Question(
        question_id="q",
        body="?",
        interactions=[Match(rows=PAIRED, columns=PAIRED, correct=[("a", "a")], max_pairs=4)],
    ),
    Question(
        question_id="q",
        body="?",
        interactions=[
            GapMatch(text='<pd-gap id="1"></pd-gap> <pd-gap id="2"></pd-gap>', choices=PAIRED, correct=[("a", "1")])
        ],
    ),
    Question(question_id="q", body="?", interactions=[Associate(choices=PAIRED, correct=[("a", "b")])]),
    Question(
        question_id="q",
        body="?",
        interactions=[
            Hottext(text='<pd-hot id="1">A</pd-hot> <pd-hot id="2">B</pd-hot>', correct=["1"], max_choices=1)
        ],
    ),
    Question(question_id="q", body="?", interactions=[TrueFalse(correct=True)]),
    Question(question_id="q", body="?", interactions=[Numeric(accepted=[AcceptedNumber(value="1")])]),
    Question(question_id="q", body="?", interactions=[ShortText(accepted=["x"], max_chars=10)]),
    Question(question_id="q", body="?", interactions=[Essay(max_chars=60)]),
    Question(question_id="q", body="?", interactions=[Upload()]),
    Question(
        question_id="q",
        body="?",
        interactions=[Slider(lower="-2.5", upper="9", step="0.5", accepted=[AcceptedNumber(value="1")])],
    ),
    Question(
        question_id="q", body="?", interactions=[Hotspot(picture=PICTURE, spots=SPOTS, correct=["a"], max_choices=2)]
    ),
    Question(
        question_id="q",
        body="?",
        interactions=[Point(picture=PICTURE, areas=[WorthArea(shape="circle", coords=[9, 9, 9])])],
    ),
    Question(question_id="q", body="?", interactions=[GraphicOrder(picture=PICTURE, spots=SPOTS, correct=[*"abcd"])]),
    Question(
        question_id="q",
        body="?",
        interactions=[GraphicGapMatch(picture=PICTURE, spots=PAIR_SPOTS, choices=PAIRED, correct=[("a", "a")])],
    ),
    Question(
        question_id="q",
        body="?",
        interactions=[GraphicAssociate(picture=PICTURE, spots=PAIR_SPOTS, correct=[("a", "b")])],
    ),
    Question(
        question_id="q",
        body="?",
        interactions=[
            SingleChoice(response_id="one", options=OPTIONS, correct="a"),
            Essay(response_id="why", max_chars=60),
            Essay(response_id="how", format="rich"),
        ],
    ),
]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.kind)
@given(seed=st.integers(0, 2**32))
def test_every_draft_of_a_guess_is_accepted(question: Question, seed: int) -> None:
    chance = Random(seed)
    paper = make_paper("t", 1, TestContent(title="T", questions=[question]), None)
    asked = paper.questions[0]
    value = guess(asked, chance)
    pieces = drafts(value, chance)
    assert pieces[-1] == value
    for piece in pieces:
        assert accept(asked, piece) == piece


@given(seed=st.integers(0, 2**32))
def test_rich_text_grows_as_rich_text(seed: int) -> None:
    chance = Random(seed)
    question = Question(question_id="q", body="?", interactions=[Essay(format="rich")])
    asked = make_paper("t", 1, TestContent(title="T", questions=[question]), None).questions[0]
    pieces = drafts(guess(asked, chance), chance)
    assert [accept(asked, piece) for piece in pieces] == pieces
