"""Works out the statistics of a test in a process of its own, for `server.analyst`: python -m server.analysis

It reads lines from its standard input: the keys of the test by version, then for each attempt its result and its
answers, each as JSON. At the end of the input it writes the figures. It opens nothing else and needs no settings.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from typing import BinaryIO, Final

import msgspec
from msgspec.structs import replace

from protocol.answering import is_blank
from protocol.content import Essay, MultipleChoice, Question, SingleChoice, TestContent, TrueFalse
from protocol.marking.question import mark_question
from protocol.messages.base import Value
from protocol.rest.statistics import QuestionFigures
from protocol.statistics import QuestionFacts, Response, Sample, ScoreFigures

_NICE: Final = 10
"""Those who sit go first."""
_POINT_MPT: Final = 1_000


class Keys(msgspec.Struct, frozen=True):
    """The test by version."""

    versions: dict[int, TestContent]


class Figures(msgspec.Struct, frozen=True):
    """What comes out: of the scores, and of each question in the order of the newest version."""

    attempts: int
    score: ScoreFigures
    questions: list[QuestionFigures]


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
    sample = Sample()
    while line := source.readline():
        marked, answers = _read_marked(line), _read_answers(source.readline())
        version = marked.key_version or marked.test_version
        language = keys.versions[version].language
        sample.add(_responses(marked, known[version], answers, language))
    newest = keys.versions[max(keys.versions)] if keys.versions else None
    found = [] if newest is None else [sample.question(_facts(question)) for question in newest.questions]
    return Figures(sample.attempts, sample.score(), [one for one in found if one is not None])


def _responses(
    marked: _Marked, known: Mapping[str, Question], answers: Mapping[str, Value], language: str | None
) -> Iterator[Response]:
    for mark in marked.marks:
        question_id, score_mpt, max_mpt = mark.question_id, mark.score_mpt, mark.max_mpt
        value = answers.get(question_id)
        blank = is_blank(value)
        part, whole = score_mpt, max_mpt
        if not max_mpt:
            part, whole = _credit(known[question_id], value, language), _POINT_MPT
        chosen: list[str] = []
        if not blank and isinstance(known[question_id], SingleChoice | MultipleChoice | TrueFalse):
            chosen = value if isinstance(value, list) else [str(value)]
        yield Response(question_id, score_mpt, max_mpt, part, whole, blank, chosen)


def _credit(question: Question, value: Value, language: str | None) -> int:
    """What an answer would be worth if its question were worth one point: for those that are being tried out."""
    if isinstance(question, Essay):
        return 0
    as_worth_one = replace(question, points_mpt=_POINT_MPT, wrong_mpt=0, min_mpt=None)
    return mark_question(as_worth_one, value, language) or 0


def _facts(question: Question) -> QuestionFacts:
    kind = str(question.__struct_config__.tag)
    match question:
        case SingleChoice():
            options, correct = [option.option_id for option in question.options], [question.correct]
        case MultipleChoice():
            options, correct = [option.option_id for option in question.options], question.correct
        case TrueFalse():
            options, correct = ["true", "false"], ["true" if question.correct else "false"]
        case _:
            options, correct = [], []
    return QuestionFacts(question.question_id, kind, question.prompt, options, correct)


def main() -> None:
    os.nice(_NICE)
    sys.stdout.buffer.write(msgspec.json.encode(analyse(sys.stdin.buffer)))


if __name__ == "__main__":
    main()
