"""What answers to a test would get, without a server or an attempt."""

from typing import Any

import msgspec

from protocol.answering import accept
from protocol.attempt.paper import on_paper
from protocol.content import Question, TestContent, has_key
from protocol.errors import Refusal
from protocol.marking.paper import part_marks
from protocol.marking.question import mark_parts, mark_question
from protocol.messages.base import Value
from protocol.rest.results import PartMark
from protocol.shapes import misshapen


class TriedMark(msgspec.Struct, frozen=True, omit_defaults=True):
    """The mark of one answer, in thousandths of a point. `score_mpt` is nil where a person has to judge it, or where it
    is no answer to this question: `refused` then says why. `parts` are the marks of several interactions; where the
    question is not scored, of those that have a key, as if they counted."""

    question_id: str
    score_mpt: int | None
    max_mpt: int
    refused: str | None = None
    parts: list[PartMark] | None = None


class Tried(msgspec.Struct, frozen=True):
    """The marks of all questions of a test, in their order, and their sum; `awaiting` of them wait for a person.
    `unknown` are answers to questions that the test has not."""

    score_mpt: int
    max_mpt: int
    awaiting: int
    marks: list[TriedMark]
    unknown: list[str]


def try_answers(content: TestContent, answers: dict[str, Any]) -> Tried:
    """Marks answers by the ids of their questions, as they are sent over REST."""
    asked = [question for question in content.questions if question.interactions]
    marks = [_mark(question, answers.get(question.question_id), content.language) for question in asked]
    known = {question.question_id for question in content.questions}
    return Tried(
        score_mpt=max(0, sum(mark.score_mpt or 0 for mark in marks)),
        max_mpt=sum(mark.max_mpt for mark in marks),
        awaiting=sum(mark.score_mpt is None and mark.refused is None for mark in marks),
        marks=marks,
        unknown=[name for name in answers if name not in known],
    )


def _mark(question: Question, given: Any, language: str | None) -> TriedMark:
    name, max_mpt = question.question_id, question.points_mpt
    try:
        value = msgspec.convert(given, Value)
    except msgspec.ValidationError as error:
        return TriedMark(name, None, max_mpt, refused=f"This is no answer: {misshapen(str(error))}.")
    accepted = accept(on_paper(question), value)
    if isinstance(accepted, Refusal):
        return TriedMark(name, None, max_mpt, refused=f"This is no answer to it ({accepted.code}).")
    return TriedMark(
        name,
        mark_question(question, accepted, language),
        max_mpt,
        parts=part_marks(question, accepted, language) if question.scored else _tried_out(question, accepted, language),
    )


def _tried_out(question: Question, value: Value, language: str | None) -> list[PartMark] | None:
    marks = zip(question.interactions, mark_parts(question, value, language), strict=True)
    return [
        PartMark(response_id=asked.response_id, score_mpt=mark, max_mpt=asked.points_mpt)
        for asked, mark in marks
        if has_key(asked)
    ] or None
