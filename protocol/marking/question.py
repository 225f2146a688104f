"""The mark of one answer."""

from protocol.answering import is_blank, parts_of
from protocol.content import Question
from protocol.marking.interaction import lowest_of, mark_interaction
from protocol.messages.base import Value


def mark_question(question: Question, value: Value, language: str | None = None) -> int | None:
    """Thousandths of a point for one answer; None where a person has to judge it, or a part of it. `language` is the
    test's."""
    if not question.scored:
        return 0
    if is_blank(value):
        return question.unanswered_mpt
    marks = mark_parts(question, value, language)
    found = [mark for mark in marks if mark is not None]
    if len(found) < len(marks):
        return None
    if question.scoring == "all" and any(
        mark < asked.points_mpt for mark, asked in zip(found, question.interactions, strict=True)
    ):
        return 0
    return sum(found)


def mark_parts(question: Question, value: Value, language: str | None = None) -> list[int | None]:
    """The marks of the question's interactions, in their order, as if each counted by itself; None where it
    has no key."""
    parts = parts_of(value, [asked.response_id for asked in question.interactions])
    return [mark_interaction(asked, part, language) for asked, part in zip(question.interactions, parts, strict=True)]


def lowest_mark(question: Question) -> int:
    """The least that a question can be worth, in thousandths of a point: zero, or what wrong answers take away, or
    none."""
    if not question.scored:
        return 0
    answered = 0 if question.scoring == "all" else sum(map(lowest_of, question.interactions))
    return min(answered, question.unanswered_mpt)
