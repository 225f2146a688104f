"""The marks of a whole paper. An essay that says something has no mark until a person gives one; a person's mark
overrules any other."""

from collections.abc import Collection, Mapping

import msgspec

from protocol.answering import is_blank
from protocol.attempt.layout import Layout
from protocol.attempt.model import HandMark
from protocol.content import Question, TestContent
from protocol.marking.by_hand import worth_now
from protocol.marking.judged import judged
from protocol.marking.question import mark_parts, mark_question
from protocol.messages.base import Value
from protocol.rest.results import GivenOf, Mark, PartMark


class Marking(msgspec.Struct, frozen=True):
    """The marks of one paper in its order, their sum, the highest possible sum, and how many wait for a person. Marks
    below zero count, but the sum is never below zero."""

    marks: list[Mark]
    score_mpt: int
    max_mpt: int
    awaiting: int


def mark_paper(
    content: TestContent,
    layout: Layout,
    answers: Mapping[str, Value],
    hand_marks: Mapping[str, HandMark],
    outdated: Collection[str] = (),
) -> Marking:
    """Marks every question of the candidate's paper that asks something; one without an answer is worth nothing.
    `outdated`: questions whose answers have changed since a person marked them. They wait for a person again."""
    questions = {question.question_id: question for question in content.questions}
    marks = [
        _mark(
            questions[laid.question_id],
            answers.get(laid.question_id),
            hand_marks.get(laid.question_id),
            content.language,
            laid.question_id in outdated,
        )
        for laid in layout.questions
        if laid.parts
    ]
    return Marking(
        marks=marks,
        score_mpt=max(0, sum(mark.score_mpt for mark in marks if mark.score_mpt is not None)),
        max_mpt=sum(mark.max_mpt for mark in marks),
        awaiting=sum(mark.score_mpt is None for mark in marks),
    )


def _mark(question: Question, value: Value, by_hand: HandMark | None, language: str | None, is_outdated: bool) -> Mark:
    max_mpt = question.points_mpt
    given = None if by_hand is None else worth_now(by_hand.score_mpt, by_hand.max_mpt, question)
    parts = part_marks(question, value, language)
    if by_hand is None or given is None:
        waits = question.scored and (is_outdated or by_hand is not None) and not is_blank(value)
        return Mark(
            question_id=question.question_id,
            score_mpt=None if waits else mark_question(question, value, language),
            max_mpt=max_mpt,
            marked_by=None,
            remark="",
            parts=parts,
        )
    is_as_given = (by_hand.score_mpt, by_hand.max_mpt) == (given, max_mpt)
    return Mark(
        question_id=question.question_id,
        score_mpt=given,
        max_mpt=max_mpt,
        marked_by=by_hand.by,
        remark=by_hand.remark,
        given=None if is_as_given else GivenOf(score_mpt=by_hand.score_mpt, max_mpt=by_hand.max_mpt),
        parts=parts,
        criteria=judged(question, by_hand),
    )


def part_marks(question: Question, value: Value, language: str | None) -> list[PartMark] | None:
    """What the keys give for each interaction; nil: the question has only one, or is not scored."""
    if len(question.interactions) == 1 or not question.scored:
        return None
    marks = mark_parts(question, value, language)
    return [
        PartMark(response_id=asked.response_id, score_mpt=mark, max_mpt=asked.points_mpt)
        for asked, mark in zip(question.interactions, marks, strict=True)
    ]
