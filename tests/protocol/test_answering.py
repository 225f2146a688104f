"""Whether an answer fits its question: every kind of answer against every kind of question."""

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest

import protocol
from protocol.answering import accept, index_paper, is_blank
from protocol.codes import Code
from protocol.errors import Refusal
from protocol.messages.base import Value
from tests.protocol.attempt.scene import PAPER

INDEX = index_paper(PAPER)


@pytest.mark.parametrize(
    ("question_id", "value", "code"),
    [
        ("single", "a", None),
        ("single", "d", Code.UNKNOWN_OPTION),
        ("single", "A", Code.UNKNOWN_OPTION),
        ("single", "", Code.UNKNOWN_OPTION),
        ("single", ["a"], Code.WRONG_ANSWER_TYPE),
        ("multiple", [], None),
        ("multiple", ["c", "a"], None),
        ("multiple", ["a", "a"], Code.WRONG_ANSWER_TYPE),
        ("multiple", ["a", "d"], Code.UNKNOWN_OPTION),
        ("multiple", "a", Code.WRONG_ANSWER_TYPE),
        ("truth", "true", None),
        ("truth", "false", None),
        ("truth", "maybe", Code.UNKNOWN_OPTION),
        ("truth", ["true"], Code.WRONG_ANSWER_TYPE),
        ("number", "12", None),
        ("number", "a dozen", None),
        ("number", "1" * 64, None),
        ("number", "1" * 65, Code.ANSWER_TOO_LONG),
        ("number", ["1"], Code.WRONG_ANSWER_TYPE),
        ("text", "𝄞" * 20, None),
        ("text", "𝄞" * 21, Code.ANSWER_TOO_LONG),
        ("text", "", None),
        ("text", ["x"], Code.WRONG_ANSWER_TYPE),
        ("essay", "x" * 1_000, None),
        ("essay", "x" * 1_001, Code.ANSWER_TOO_LONG),
        *[(question_id, None, None) for question_id in INDEX],
    ],
)
def test_an_answer(question_id: str, value: Value, code: Code | None) -> None:
    kept = accept(INDEX[question_id], value)
    if code is None:
        assert kept == value
    else:
        assert isinstance(kept, Refusal)
        assert kept.code is code


def test_the_index_knows_questions_by_their_ids() -> None:
    assert list(INDEX.values()) == PAPER.questions
    assert [question.question_id for question in INDEX.values()] == list(INDEX)


BLANK = json.loads((Path(protocol.__file__).parent / "vectors" / "blank.json").read_text("utf-8"))


@pytest.mark.parametrize("vector", BLANK, ids=lambda vector: repr(vector["value"]))
def test_what_counts_as_no_answer(vector: dict[str, Any]) -> None:
    value = vector["value"]
    assert is_blank(value) is vector["blank"]
    if isinstance(value, str):
        # Python's own white space, but for four separators that Unicode does not count among it, and format characters.
        shows = [
            char
            for char in value
            if not (char.isspace() and not "\x1c" <= char <= "\x1f")
            and not (unicodedata.category(char) == "Cf" and char != "\u0600")
        ]
        assert vector["blank"] is not bool(shows)
