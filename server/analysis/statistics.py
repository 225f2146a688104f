"""Works out the statistics of a test in a process of its own: python -m server.analysis.statistics

It reads lines from its standard input: the keys of the test by version, then for each attempt its result and its
answers, each as JSON. At the end of the input it writes the figures. It opens nothing else and needs no settings.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import BinaryIO, Final

import msgspec
from msgspec.structs import replace

from protocol.answering import is_blank, parts_of
from protocol.content import (
    ByHand,
    Hotspot,
    Hottext,
    Interaction,
    MultipleChoice,
    Numeric,
    OneOf,
    Question,
    ShortText,
    Slider,
    TestContent,
    TrueFalse,
    has_key,
)
from protocol.content.text import hots, plain_text
from protocol.marking.near import sign_of
from protocol.marking.numbers import read_number
from protocol.marking.question import mark_parts
from protocol.marking.text import fold_text
from protocol.messages.base import Value
from protocol.rest.skills import Skill
from protocol.rest.statistics import QuestionFigures
from protocol.skills import Tallies, skills_from, tallies_of, together
from protocol.statistics import OptionKey, QuestionFacts, Response, Sample, ScoreFigures, Typed

_NICE: Final = 10
"""Those who sit go first."""
_POINT_MPT: Final = 1_000
_TYPED: Final = (ShortText, Numeric, Slider)


class Keys(msgspec.Struct, frozen=True):
    """The test by version, and the goal for its skills."""

    versions: dict[int, TestContent]
    goal_permille: int


class Figures(msgspec.Struct, frozen=True):
    """What comes out: of the scores, and of each question and skill in the order of the newest version."""

    attempts: int
    score: ScoreFigures
    questions: list[QuestionFigures]
    skills: list[Skill]


class _Mark(msgspec.Struct, frozen=True):
    question_id: str
    score_mpt: int
    max_mpt: int


class _Marked(msgspec.Struct, frozen=True):
    """The part of a result that is needed."""

    marks: list[_Mark]
    test_version: int
    key_version: int | None = None


_read_marked: Final = msgspec.json.Decoder(_Marked).decode
_read_answers: Final = msgspec.json.Decoder(dict[str, Value]).decode


def analyse(source: BinaryIO) -> Figures:
    """The figures of what `source` has."""
    keys = msgspec.json.decode(source.readline(), type=Keys)
    known = {
        version: {question.question_id: question for question in content.questions}
        for version, content in keys.versions.items()
    }
    sample, tallies = Sample(), Tallies()
    while line := source.readline():
        marked, answers = _read_marked(line), _read_answers(source.readline())
        version = marked.key_version or marked.test_version
        language = keys.versions[version].language
        tallies = together([tallies, tallies_of(marked.marks, keys.versions[version])])
        sample.add(_responses(marked, known[version], answers, language))
    newest = keys.versions[max(keys.versions)] if keys.versions else None
    found = [] if newest is None else [sample.question(_facts(question)) for question in newest.questions]
    skills = [] if newest is None else skills_from(tallies, newest.skills, keys.goal_permille)
    return Figures(sample.attempts, sample.score(), [one for one in found if one is not None], skills)


def _responses(
    marked: _Marked, known: Mapping[str, Question], answers: Mapping[str, Value], language: str | None
) -> Iterator[Response]:
    for mark in marked.marks:
        question_id, score_mpt, max_mpt = mark.question_id, mark.score_mpt, mark.max_mpt
        value, question = answers.get(question_id), known[question_id]
        blank = is_blank(value)
        part, whole = (score_mpt, max_mpt) if max_mpt else _credit(question, value, language)
        chosen = [] if blank else list(_chosen(question, value))
        typed = [] if blank else list(_typed(question, value, language))
        yield Response(question_id, score_mpt, max_mpt, part, whole, blank, chosen, typed)


def _chosen(question: Question, value: Value) -> Iterator[OptionKey]:
    """The options that an answer has."""
    parts = parts_of(value, [asked.response_id for asked in question.interactions])
    for asked, part in zip(question.interactions, parts, strict=True):
        if isinstance(asked, OneOf | MultipleChoice | Hottext | Hotspot | TrueFalse) and not is_blank(part):
            for option_id in part if isinstance(part, list) else [part]:
                yield asked.response_id, str(option_id)


def _typed(question: Question, value: Value, language: str | None) -> Iterator[Typed]:
    """What was typed in an answer, and numbers that were set."""
    parts = parts_of(value, [asked.response_id for asked in question.interactions])
    for asked, part in zip(question.interactions, parts, strict=True):
        if isinstance(asked, _TYPED) and isinstance(part, str) and not is_blank(part):
            yield Typed(asked.response_id, _compared(asked, part, language), " ".join(part.split()))


def _compared(asked: ShortText | Numeric | Slider, text: str, language: str | None) -> str:
    if isinstance(asked, ShortText):
        return fold_text(text, asked.case_sensitive, language)
    reading = read_number(text, sign_of(asked))
    return " ".join(text.split()) if reading is None else str(Fraction(reading.number))


def _credit(question: Question, value: Value, language: str | None) -> tuple[int, int]:
    """(part, whole): what an answer to a question that is being tried out would be worth: by its points, or, where it
    has none, by one point for each interaction. Where nothing has a key it is 0 of 0."""
    asked = question.interactions if question.shown_mpt else [_worth_one(one) for one in question.interactions]
    whole = sum(one.points_mpt for one in asked if has_key(one))
    if is_blank(value):
        return min(question.unanswered_mpt, whole) if question.shown_mpt else 0, whole
    part = sum(mark or 0 for mark in mark_parts(replace(question, interactions=asked), value, language))
    return (0 if question.scoring == "all" and part < whole else part), whole


def _worth_one(asked: Interaction) -> Interaction:
    if isinstance(asked, ByHand):
        return asked
    return replace(asked, points_mpt=_POINT_MPT, wrong_mpt=0, min_mpt=None)


def _facts(question: Question) -> QuestionFacts:
    options: list[OptionKey] = []
    correct: list[OptionKey] = []
    for asked in question.interactions:
        named, right = _options(asked)
        options += [(asked.response_id, option_id) for option_id in named]
        correct += [(asked.response_id, option_id) for option_id in right]
    typed = [asked.response_id for asked in question.interactions if isinstance(asked, _TYPED)]
    return QuestionFacts(question.question_id, question.kind, plain_text(question.body), options, correct, typed)


def _options(asked: Interaction) -> tuple[list[str], list[str]]:
    """Those that the interaction has, and the right ones."""
    match asked:
        case OneOf():
            return [option.option_id for option in asked.options], asked.right
        case MultipleChoice():
            return [option.option_id for option in asked.options], asked.correct
        case Hottext():
            return [name for name, _ in hots(asked.text)], asked.correct
        case Hotspot():
            return [spot.spot_id for spot in asked.spots], asked.correct
        case TrueFalse():
            return ["true", "false"], [] if asked.correct is None else ["true" if asked.correct else "false"]
        case _:
            return [], []


def main() -> None:
    os.nice(_NICE)
    sys.stdout.buffer.write(msgspec.json.encode(analyse(sys.stdin.buffer)))


if __name__ == "__main__":
    main()
