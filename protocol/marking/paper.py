"""The marks of answers, in whole thousandths of a point. No float is used, so no mark depends on rounding.

An essay that says something has no mark until a person gives one. A person's mark overrules any other.
"""

from collections.abc import Mapping
from fractions import Fraction

import msgspec

from protocol.answering import is_blank
from protocol.attempt.layout import Layout
from protocol.attempt.model import HandMark
from protocol.content import (
    Essay,
    MultipleChoice,
    Numeric,
    Question,
    ShortText,
    SingleChoice,
    TestContent,
    TrueFalse,
)
from protocol.marking.numbers import read_key, read_number
from protocol.marking.text import fold_text
from protocol.messages import Value
from protocol.rest import Mark


class Marking(msgspec.Struct, frozen=True):
    """The marks of one paper in its order, their sum, the highest possible sum, and how many wait for a person."""

    marks: list[Mark]
    score_mpt: int
    max_mpt: int
    awaiting: int


def mark_paper(
    content: TestContent, layout: Layout, answers: Mapping[str, Value], hand_marks: Mapping[str, HandMark]
) -> Marking:
    """Marks every question of the candidate's paper; one without an answer is worth nothing."""
    questions = {question.question_id: question for question in content.questions}
    marks = [
        _mark(
            questions[laid.question_id],
            answers.get(laid.question_id),
            hand_marks.get(laid.question_id),
            content.language,
        )
        for laid in layout.questions
    ]
    return Marking(
        marks=marks,
        score_mpt=sum(mark.score_mpt for mark in marks if mark.score_mpt is not None),
        max_mpt=sum(mark.max_mpt for mark in marks),
        awaiting=sum(mark.score_mpt is None for mark in marks),
    )


def _mark(question: Question, value: Value, by_hand: HandMark | None, language: str | None) -> Mark:
    score_mpt, marked_by, remark = mark_question(question, value, language), None, ""
    if by_hand is not None:
        score_mpt, marked_by, remark = by_hand.score_mpt, by_hand.by, by_hand.remark
    return Mark(
        question_id=question.question_id,
        score_mpt=score_mpt,
        max_mpt=question.points_mpt,
        marked_by=marked_by,
        remark=remark,
    )


def mark_question(question: Question, value: Value, language: str | None = None) -> int | None:
    """Thousandths of a point for one answer; None where a person has to judge it. `language` is the test's."""
    match question, value:
        case Essay(), str() if not is_blank(value):
            return None
        case MultipleChoice(), list():
            return _mark_choices(question, frozenset(value))
        case ((SingleChoice() | TrueFalse() | Numeric() | ShortText()), str()) if _is_right(question, value, language):
            return question.points_mpt
        case _:
            return 0


def _mark_choices(question: MultipleChoice, chosen: frozenset[str]) -> int:
    correct = frozenset(question.correct)
    if not question.partial:
        return question.points_mpt if chosen == correct else 0
    balance = len(chosen & correct) - len(chosen - correct)
    return question.points_mpt * max(0, balance) // len(correct)


def _is_right(question: SingleChoice | TrueFalse | Numeric | ShortText, answer: str, language: str | None) -> bool:
    match question:
        case SingleChoice():
            return answer == question.correct
        case TrueFalse():
            return answer == ("true" if question.correct else "false")
        case Numeric():
            return _is_near(question, answer)
        case ShortText():
            folded = fold_text(answer, question.case_sensitive, language)
            accepted = (fold_text(text, question.case_sensitive, language) for text in question.accepted)
            return folded in accepted


def _is_near(question: Numeric, answer: str) -> bool:
    reading = read_number(answer, question.decimal_sign)
    if reading is None:
        return False
    correct, tolerance = (read_key(text, question.decimal_sign) for text in (question.correct, question.tolerance))
    # Fractions, because Decimal's arithmetic rounds to the digits of its context.
    return abs(Fraction(reading.number) - correct) <= tolerance
