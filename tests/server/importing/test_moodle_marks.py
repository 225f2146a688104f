"""Ten attempts at a quiz that Moodle has marked: its questions are brought as Moodle XML, its marks are the oracle."""

import csv
from collections.abc import Mapping, Sequence
from typing import Final

import pytest

from protocol.content import (
    InlineChoice,
    Match,
    MultipleChoice,
    Option,
    PairOption,
    Question,
    SingleChoice,
    TrueFalse,
)
from protocol.content.text import plain_text
from protocol.marking.question import mark_question
from protocol.messages.base import Value
from server.importing.files import bring
from tests.shared import SHARED

_QUIZ: Final = SHARED / "data" / "import" / "moodle" / "quiz_walkthrough"


def _asked(kind: str, inside: str, text: str = "Asked.") -> str:
    said = f"<questiontext format='html'><text><![CDATA[{text}]]></text></questiontext>"
    name = f"<name><text>{kind}</text></name>"
    return f"<question type='{kind}'>{name}{said}<defaultgrade>1</defaultgrade>{inside}</question>"


def _answer(said: str, percent: float, more: str = "") -> str:
    return f"<answer fraction='{percent:g}' format='html'><text>{said}</text>{more}</answer>"


def _pair(one: str, other: str) -> str:
    return f"<subquestion format='html'><text>{one}</text><answer><text>{other}</text></answer></subquestion>"


def _options(*right: str) -> str:
    single = f"<single>{'true' if len(right) == 1 else 'false'}</single><shuffleanswers>0</shuffleanswers>"
    share = 100 / len(right)
    return single + "".join(_answer(one, share if one in right else 0) for one in ("One", "Two", "Three", "Four"))


_EXACT: Final = "<tolerance>0</tolerance>"
_SLOTS: Final = {
    "shortanswer": _asked("shortanswer", _answer("frog", 100) + _answer("toad", 80) + _answer("*", 0)),
    "numerical": _asked("numerical", _answer("3.14", 100, _EXACT) + _answer("3.142", 0, _EXACT) + _answer("*", 0)),
    "3": _asked("matching", _pair("frog", "amphibian") + _pair("cat", "mammal") + _pair("newt", "amphibian")),
    "4": _asked("truefalse", _answer("true", 100) + _answer("false", 0)),
    "5": _asked("multichoice", _options("One", "Three")),
    "6": _asked("multichoice", _options("One")),
    "7": _asked(
        "cloze",
        "",
        "The {1:SHORTANSWER:Dog~=Owl} and the {1:MULTICHOICE:Bow-wow~Wiggly worm~=Pussy-cat} went to sea.",
    ),
}


def _questions() -> dict[str, Question]:
    brought = bring("quiz.xml", f"<quiz>{''.join(_SLOTS.values())}</quiz>".encode(), "A quiz")
    assert brought.content is not None
    return dict(zip(_SLOTS, brought.content.questions, strict=True))


def _id_of(options: Sequence[Option | PairOption], said: str) -> str:
    return next(option.option_id for option in options if plain_text(option.body) == said)


def _answer_to(question: Question, slot: str, step: Mapping[str, str]) -> Value:
    """The answer that a line of the file has, as a candidate here would give it."""
    asked = question.interactions[0]
    match asked:
        case Match():
            said = {row.option_id: step[f"responses.{slot}.{plain_text(row.body)}"] for row in asked.rows}
            return [(row_id, _id_of(asked.columns, column)) for row_id, column in said.items()]
        case MultipleChoice():
            chosen = [name for name in ("One", "Two", "Three", "Four") if step[f"responses.{slot}.{name}"] == "1"]
            return [_id_of(asked.options, name) for name in chosen]
        case SingleChoice():
            return _id_of(asked.options, step[f"responses.{slot}.answer"])
        case TrueFalse():
            return "true" if step[f"responses.{slot}.answer"] == "1" else "false"
    if slot == "7":
        menu = question.interactions[1]
        assert isinstance(menu, InlineChoice)
        return {"1": step["responses.7.1.answer"], "2": _id_of(menu.options, step["responses.7.2.answer"])}
    return step[f"responses.{slot}.answer"]


def _lines(name: str) -> list[dict[str, str]]:
    with (_QUIZ / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.skipif(not _QUIZ.is_dir(), reason="attempts that Moodle has marked are not here")
def test_answers_get_the_marks_that_moodle_gave() -> None:
    """But for the second slot, whose numbers Moodle draws for each candidate: no question here is like it."""
    questions = _questions()
    compared = 0
    for step, marks in zip(_lines("steps00.csv"), _lines("results00.csv"), strict=True):
        assert step["quizattempt"] == marks["quizattempt"]
        for slot in "134567":
            kind = step["randqs.1"] if slot == "1" else slot
            question = questions[kind]
            mark = mark_question(question, _answer_to(question, slot, step))
            assert mark is not None
            share = mark / question.points_mpt
            assert share == pytest.approx(float(marks[f"slots.{slot}.mark"]), abs=0.001), (step["quizattempt"], slot)
            compared += 1
    assert compared == 60
