"""When two texts are the same answer."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import protocol
from protocol.content import Question, ShortText
from protocol.marking.question import mark_question
from protocol.marking.text import fold_text
from server.exam.file import read_exam

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(protocol.__file__).parent / "vectors" / "texts.json").read_text("utf-8")
)


@pytest.mark.parametrize("case_sensitive", [False, True])
@pytest.mark.parametrize(
    ("accepted", "typed", "same"),
    [
        ("Paris", "\ufeffParis", True),
        ("Paris", "Pa\u200bris\u2060", True),
        ("Paris", "Pa\u00adris", True),
        ("10\u00b3", "103", False),
        ("103", "10\u00b3", False),
        ("10\u00b3", "10^3", True),
        ("m\u00b2", "\u33a1", True),
        ("m\u00b2", "m2", False),
        ("H\u2082O", "H2O", True),
        ("don't", "don\u2019t", True),
        ('"yes"', "\u201eyes\u201c", True),
        ("a-b", "a\u2013b", True),
        ("a-b", "a\u2014b", True),
        ("a-b", "ab", False),
        ("\u00bd", "1/2", True),
        ("1\u00bd", "1 1/2", True),
        ("1\u00bd", "11/2", False),
        ("-\u00bd", "-1/2", True),
        ("New York", " New\u00a0 York", True),
        ("\uff11\uff12", "12", True),
    ],
)
def test_what_is_the_same_answer(accepted: str, typed: str, same: bool, case_sensitive: bool) -> None:
    question = Question(
        question_id="q", body="?", interactions=[ShortText(accepted=[accepted], case_sensitive=case_sensitive)]
    )
    assert mark_question(question, typed) == (1_000 if same else 0)


@pytest.mark.parametrize(
    ("language", "accepted", "typed", "same"),
    [
        (None, "istanbul", "ISTANBUL", True),
        ("tr", "istanbul", "\u0130STANBUL", True),
        ("tr", "istanbul", "ISTANBUL", False),
        ("tr-TR", "\u0131s\u0131", "ISI", True),
        ("az", "\u0131s\u0131", "ISI", True),
        (None, "\u0131s\u0131", "ISI", False),
        ("tr", "\u0130zmir", "I\u0307zmir", True),
        ("de", "Stra\u00dfe", "STRASSE", True),
    ],
)
def test_letter_case_is_that_of_the_language(language: str | None, accepted: str, typed: str, same: bool) -> None:
    question = Question(question_id="q", body="?", interactions=[ShortText(accepted=[accepted])])
    assert mark_question(question, typed, language) == (1_000 if same else 0)


@pytest.mark.parametrize("vector", VECTORS, ids=map(str, range(len(VECTORS))))
def test_server_and_importer_compare_alike(vector: dict[str, Any]) -> None:
    language = vector["language"]
    about = "" if language is None else f"language: {language}\n"
    file = (
        f"test_id: t\ntitle: T\n{about}questions:\n  - id: q\n    type: short_text\n    prompt: What?\n"
        f"    accepted: [{json.dumps(vector['accepted'])}]\n"
        f"    case_sensitive: {json.dumps(vector['case_sensitive'])}\n"
    )
    content = read_exam(file.encode())[1]
    (question,) = content.questions
    assert (mark_question(question, vector["typed"], content.language) == 1_000) is vector["same"]


def test_the_vectors_have_some_hundred_texts_of_each_sort() -> None:
    same = sum(vector["same"] for vector in VECTORS)
    assert same > 100
    assert len(VECTORS) - same > 100


@given(text=st.text(max_size=40), sensitive=st.booleans(), language=st.sampled_from([None, "tr"]))
def test_folding_folds_everything_at_once(text: str, sensitive: bool, language: str | None) -> None:
    folded = fold_text(text, sensitive, language)
    assert fold_text(folded, sensitive, language) == folded
    assert fold_text(f"\u2003{text}\r\n\ufeff", sensitive, language) == folded
