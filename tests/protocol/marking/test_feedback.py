"""What is said of an answer: of the options that were chosen, of what was typed, and of the mark."""

import pytest

from protocol.content import (
    AcceptedNumber,
    AcceptedText,
    Essay,
    InlineChoice,
    Interaction,
    MultipleChoice,
    Numeric,
    Option,
    Order,
    Question,
    ScoreFeedback,
    ShortText,
    TrueFalse,
)
from protocol.marking.feedback import feedback_to, of_score
from protocol.messages.base import Value

OPTIONS = [Option(name, f"<b>{name}</b>") for name in "abc"]


def q(*interactions: Interaction) -> Question:
    return Question(question_id="q", body="?", interactions=list(interactions))


SOME = q(MultipleChoice(options=OPTIONS, correct=["a"], option_feedback={"a": "A!", "c": "C!"}))
MENU = q(InlineChoice(options=OPTIONS, correct="a", option_feedback={"b": "B!"}))
FACT = q(TrueFalse(correct=True, option_feedback={"false": "It is so."}))
NUMBER = q(
    Numeric(
        accepted=[
            AcceptedNumber(value="1000", tolerance="10", feedback="Good."),
            AcceptedNumber(value="1", points_mpt=0, feedback="In metres."),
        ]
    )
)
WORD = q(
    ShortText(
        accepted=[
            "Paris",
            AcceptedText(text="*is", pattern=True, points_mpt=500, feedback="Nearly."),
            AcceptedText(text="Lyon", points_mpt=0, feedback="The second one."),
        ]
    )
)


@pytest.mark.parametrize(
    ("question", "value", "said"),
    [
        (SOME, ["c", "a", "b"], [("<b>a</b>", "A!"), ("<b>c</b>", "C!")]),
        (SOME, ["b"], []),
        (SOME, [], []),
        (MENU, "b", [("<b>b</b>", "B!")]),
        (MENU, None, []),
        (FACT, "false", [("False", "It is so.")]),
        (FACT, "true", []),
        (NUMBER, "1 001", [(None, "Good.")]),
        (NUMBER, "1", [(None, "In metres.")]),
        (NUMBER, "5", []),
        (NUMBER, "many", []),
        # The best one that fits says it: Paris is worth more than its pattern, and nothing is said of it.
        (WORD, "Paris", []),
        (WORD, "Tunis", [(None, "Nearly.")]),
        (WORD, "lyon", [(None, "The second one.")]),
        (q(Order(options=OPTIONS, correct=list("abc"))), ["a", "b", "c"], []),
        (q(Essay()), "Because.", []),
    ],
)
def test_what_is_said_of_an_answer(question: Question, value: Value, said: list[tuple[str | None, str]]) -> None:
    found = list(feedback_to(question, value, None, None))
    assert [(one.option, one.body) for one in found] == said
    assert {(one.question_id, one.response_id) for one in found} <= {("q", "answer")}


def test_each_part_is_told_apart_and_the_mark_comes_last() -> None:
    parts = q(
        MultipleChoice(response_id="one", options=OPTIONS, correct=["a"], option_feedback={"b": "B!"}),
        TrueFalse(response_id="two", correct=True, option_feedback={"true": "Yes."}),
    )
    question = Question(
        question_id="q", body="?", interactions=parts.interactions, score_feedback=[ScoreFeedback(500, "Half.")]
    )
    found = feedback_to(question, {"one": ["b"], "two": "true"}, 1_000, None)
    assert [(one.response_id, one.body) for one in found] == [("one", "B!"), ("two", "Yes."), (None, "Half.")]


@pytest.mark.parametrize(
    ("score_mpt", "body"),
    [
        (None, None),
        (-500, "Nothing."),
        (0, "Nothing."),
        (2, "Nothing."),
        (3, "Some."),
        (2_999, "Some."),
        (3_000, "All."),
    ],
)
def test_the_highest_boundary_that_is_reached_speaks(score_mpt: int | None, body: str | None) -> None:
    bands = [ScoreFeedback(1, "Some."), ScoreFeedback(1_000, "All."), ScoreFeedback(0, "Nothing.")]
    question = Question(
        question_id="q", body="?", interactions=[TrueFalse(correct=True, points_mpt=3_000)], score_feedback=bands
    )
    assert of_score(question, score_mpt) == body


def test_a_blank_text_ends_the_one_below_it() -> None:
    bands = [ScoreFeedback(0, "See page 3."), ScoreFeedback(1_000, "")]
    question = Question(question_id="q", body="?", interactions=[TrueFalse(correct=True)], score_feedback=bands)
    assert [of_score(question, score_mpt) for score_mpt in (0, 999, 1_000)] == ["See page 3.", "See page 3.", None]


def test_of_a_question_that_is_worth_nothing_the_mark_says_nothing() -> None:
    question = Question(
        question_id="q",
        body="?",
        interactions=[TrueFalse(correct=True, points_mpt=0)],
        score_feedback=[ScoreFeedback(0, "Nothing.")],
    )
    assert of_score(question, 0) is None
