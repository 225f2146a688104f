"""The mark of one answer."""

from protocol.answering import is_blank
from protocol.content import (
    Essay,
    Marked,
    MultipleChoice,
    Numeric,
    Question,
    ShortText,
    SingleChoice,
    TrueFalse,
)
from protocol.marking.choices import lowest_of_several, mark_one, mark_several
from protocol.marking.near import best_number
from protocol.marking.text import best_text
from protocol.messages.base import Value


def mark_question(question: Question, value: Value, language: str | None = None) -> int | None:
    """Thousandths of a point for one answer; None where a person has to judge it. `language` is the test's."""
    if is_blank(value):
        return 0
    if isinstance(question, Essay):
        return None if isinstance(value, str) else 0
    found = _worth(question, value, language)
    return max(_floor(question), min(found, question.points_mpt))


def _worth(question: Marked, value: Value, language: str | None) -> int:
    match question, value:
        case MultipleChoice(), list():
            return mark_several(question, frozenset(value))
        case SingleChoice(), str():
            return mark_one(question, value)
        case TrueFalse(), str():
            right = value == ("true" if question.correct else "false")
            return question.points_mpt if right else -question.wrong_mpt
        case Numeric(), str():
            best = best_number(question, value)
        case ShortText(), str():
            best = best_text(question, value, language)
        case _:
            return 0
    return -question.wrong_mpt if best is None else best


def lowest_mark(question: Question) -> int:
    """The least that an answer can be worth, in thousandths of a point: zero, or what wrong answers take away, as far
    as the floor."""
    if isinstance(question, Essay):
        return 0
    if isinstance(question, MultipleChoice):
        worst = lowest_of_several(question)
    elif isinstance(question, SingleChoice) and question.weights_mpt:
        worst = min(question.weights_mpt.get(option.option_id, 0) for option in question.options)
    else:
        worst = -question.wrong_mpt
    return min(0, max(_floor(question), worst))


def _floor(question: Marked) -> int:
    if question.min_mpt is not None:
        return question.min_mpt
    return -_MOST if question.wrong_mpt else 0


_MOST = 64 * 1_000_000_000
"""More than all options of a question can take away."""
