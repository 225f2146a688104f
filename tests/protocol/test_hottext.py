"""Words chosen in a text: which can be, what they are worth, and what such a text must be."""

from typing import Any

import pytest
from msgspec.structs import replace

from protocol.answering import accept
from protocol.attempt.paper import on_paper
from protocol.codes import Code
from protocol.content import Hottext, Question, TestContent
from protocol.content.text import hots, plain_text
from protocol.content_checks import check_test
from protocol.errors import Refusal, Refused
from protocol.marking.question import lowest_mark, mark_question
from protocol.messages.base import Value

TEXT = '<p>The <pd-hot id="a">cat</pd-hot> <pd-hot id="b">sat</pd-hot> on <pd-hot id="c">the <em>mat</em></pd-hot>.</p>'
HOT = Hottext(text=TEXT, correct=["a", "c"], max_choices=2)


def question(**more: Any) -> Question:
    return Question(question_id="q", body="Which?", interactions=[replace(HOT, **more)])


def test_the_words_of_a_text() -> None:
    assert hots(TEXT) == [("a", "cat"), ("b", "sat"), ("c", "the <em>mat</em>")]
    assert plain_text(TEXT) == "The cat sat on the mat."


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (["a"], None),
        (["c", "b"], None),
        ([], None),
        ("a", Code.WRONG_ANSWER_TYPE),
        (["a", "a"], Code.WRONG_ANSWER_TYPE),
        (["a", "d"], Code.UNKNOWN_OPTION),
        ([("a", "b")], Code.UNKNOWN_OPTION),
        (["a", "b", "c"], Code.TOO_MANY_CHOICES),
    ],
)
def test_words_of_the_text_are_chosen_and_no_more_than_may_be(value: Value, code: Code | None) -> None:
    kept = accept(on_paper(question()), value)
    if code is None:
        assert kept == value
    else:
        assert isinstance(kept, Refusal)
        assert kept.code is code


@pytest.mark.parametrize(
    ("more", "chosen", "score_mpt"),
    [
        ({}, ["c", "a"], 1_000),
        ({}, ["a"], 0),
        ({"wrong_mpt": 200}, ["b"], -200),
        ({"partial": True}, ["a"], 500),
        ({"partial": True}, ["a", "b"], 0),
        ({"weights_mpt": {"a": 600, "c": 400, "b": -100}}, ["a", "b"], 500),
        ({"weights_mpt": {"a": 600, "c": 400, "b": -100}, "min_mpt": -50}, ["b"], -50),
    ],
)
def test_what_chosen_words_are_worth(more: dict[str, Any], chosen: list[str], score_mpt: int) -> None:
    check_test(TestContent(title="T", questions=[question(**more)]))
    assert mark_question(question(**more), [*chosen]) == score_mpt
    assert lowest_mark(question(**more)) <= score_mpt


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({"text": "<p>None</p>"}, "its `text` has nothing to choose"),
        ({"text": TEXT + TEXT}, "two texts to choose have the same id, 'a'"),
        ({"text": TEXT + '<pd-gap id="x"></pd-gap>'}, "its `text` has a place for something else than words to choose"),
        (
            {"text": '<pd-hot id="a"><pd-hot id="c">both</pd-hot></pd-hot>'},
            "its `text` has a place for something else than words to choose",
        ),
        ({"correct": ["a", "a"]}, "`correct` must name words to choose of its text, each once"),
        ({"correct": ["d"]}, "`correct` must name words to choose of its text, each once"),
        ({"max_choices": 1}, "`max_choices` is less than what is `correct`, or than `min_choices`"),
        ({"min_choices": 3}, "`max_choices` is less than what is `correct`, or than `min_choices`"),
        ({"weights_mpt": {"a": 1_000}}, "`weights` must be highest for what is `correct`"),
        ({"weights_mpt": {"a": 600, "c": 400}, "partial": True}, "`weights` say what each option is worth"),
    ],
)
def test_what_a_text_to_choose_from_must_be(more: dict[str, Any], what: str) -> None:
    with pytest.raises(Refused) as refused:
        check_test(TestContent(title="T", questions=[question(**more)]))
    assert (refused.value.refusal.detail or "").startswith(f"question 'q': {what}")


def test_too_many_words() -> None:
    text = " ".join(f'<pd-hot id="h{number}">word</pd-hot>' for number in range(65))
    with pytest.raises(Refused, match="its `text` has 65 words to choose, and 64 is the most"):
        check_test(TestContent(title="T", questions=[question(text=text, correct=["h1"])]))
