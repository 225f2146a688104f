"""Any answer to any interaction is refused by name or kept as it is, and what is kept is marked within its bounds."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from protocol.answering import PaperIndex, accept, in_words_of, is_blank
from protocol.attempt.paper import on_paper
from protocol.codes import Code
from protocol.content import Essay, Interaction, Point, Question, Upload
from protocol.errors import Refusal
from protocol.marking.feedback import feedback_to
from protocol.marking.question import lowest_mark, mark_question
from protocol.messages.base import Value
from tests.protocol.marking.test_best import ASKED

_ASKED = [*ASKED, Essay(max_chars=20), Essay(max_chars=20, format="rich"), Upload()]
_PARTS = [replace(one, response_id=f"r{number}") for number, one in enumerate(_ASKED)]
QUESTIONS = [
    *(Question(question_id="q", body="?", interactions=[one]) for one in _ASKED),
    Question(question_id="q", body="?", interactions=_PARTS),
    Question(question_id="q", body="?", interactions=_PARTS[:3], scoring="all"),
]
_REFUSED = {
    Code.WRONG_ANSWER_TYPE, Code.UNKNOWN_OPTION, Code.TOO_MANY_CHOICES, Code.ANSWER_TOO_LONG, Code.UNKNOWN_PART,
    Code.WRONG_MARKUP,
}  # fmt: skip
_HOSTILE = [
    *(
        "",
        "a",
        "b",
        "g",
        "A",
        "a\x00",
        "\x00",
        "NaN",
        "-1",
        "-0",
        "0",
        "5",
        "50",
        "1e3",
        "1e-3",
        "0x10",
        "٣",
        "5.0",
        "05",
    ),
    *(
        "999999",
        "1000000",
        "9" * 64,
        "Infinity",
        "true",
        "True",
        "\ufeff",
        "\u202e",
        "answer",
        "r0",
        "0a" * 32,
        "x" * 200,
        "<p>a</p>",
        "<p></p>",
        "<p><script>a</script></p>",
        '<p dir="rtl">a</p>',
        "<p>a",
        "<ul>" * 99,
        "<p>a\u202e</p>",
        "<p>&#60;</p>",
        f"<p>{'x' * 21}</p>",
    ),
]
_ids = st.sampled_from([name for name in _HOSTILE if 1 <= len(name) <= 128]) | st.text(min_size=1, max_size=4)
_parts = st.sampled_from(_HOSTILE) | st.text(max_size=6) | st.lists(_ids | st.tuples(_ids, _ids), max_size=6)
_values = (
    st.none()
    | _parts
    | st.dictionaries(st.sampled_from([one.response_id for one in _PARTS]) | _ids, _parts, max_size=5)
)


def _decoded(value: Any) -> Value:
    """As it comes over the wire."""
    found: Value = msgspec.msgpack.decode(msgspec.msgpack.encode(value), type=Value)
    return found


@pytest.mark.parametrize("question", QUESTIONS)
def test_any_answer_is_refused_by_name_or_kept_and_marked(question: Question) -> None:
    paper = on_paper(question)

    @settings(max_examples=40)
    @given(_values)
    def search(drawn: Any) -> None:
        value = _decoded(drawn)
        kept = accept(paper, value)
        # What an older version kept, or another question has, is marked all the same: it never raises.
        mark_question(question, value)
        if isinstance(kept, Refusal):
            assert kept.code in _REFUSED
            assert kept.detail
            return
        assert kept == value == in_words_of(PaperIndex([paper]).words, value)
        mark = mark_question(question, kept)
        feedback_to(question, kept, mark, None)
        assert mark is None or lowest_mark(question) <= mark <= question.points_mpt
        assert mark == 0 or not is_blank(kept)

    search()


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize(
    "value",
    [
        [["a"]],
        [["a", "b", "c"]],
        [[]],
        [["a", ["b"]]],
        [["a", 1]],
        [1],
        5,
        5.0,
        True,
        [None],
        {"answer": None},
        {"answer": {"answer": "a"}},
        {"": "a"},
        [["a", ""]],
        [["a", "b"]] * 65,
        ["a"] * 65,
        {f"r{number}": "a" for number in range(51)},
    ],
)
def test_what_is_no_answer_at_all_is_not_even_decoded(asked: Interaction, value: Any) -> None:
    for coder in (msgspec.msgpack, msgspec.json):
        with pytest.raises(msgspec.ValidationError):
            coder.decode(coder.encode(value), type=Value)


def test_what_is_no_point_is_worth_nothing() -> None:
    [*_, asked] = [one for one in ASKED if isinstance(one, Point)]
    question = Question(question_id="q", body="?", interactions=[asked])
    assert mark_question(question, ["a", ("a", "b"), ("5", "NaN"), ("-5", "5")]) == 0
    assert mark_question(question, ["a", ("5", "5")]) == 1_000
