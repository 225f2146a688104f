from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest.guess import drafts, guess
from protocol.answering import accept
from protocol.attempt.paper import make_paper
from protocol.content import (
    AcceptedNumber,
    Essay,
    MultipleChoice,
    Numeric,
    Option,
    Question,
    ShortText,
    SingleChoice,
    TestContent,
    TrueFalse,
)

OPTIONS = [Option("a", "A"), Option("b", "B"), Option("c", "C")]
QUESTIONS: list[Question] = [
    SingleChoice(question_id="q", prompt="?", options=OPTIONS, correct="a"),
    MultipleChoice(question_id="q", prompt="?", options=OPTIONS, correct=["a"]),
    TrueFalse(question_id="q", prompt="?", correct=True),
    Numeric(question_id="q", prompt="?", accepted=[AcceptedNumber(value="1")]),
    ShortText(question_id="q", prompt="?", accepted=["x"], max_chars=10),
    Essay(question_id="q", prompt="?", max_chars=60),
]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: type(question).__name__)
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
