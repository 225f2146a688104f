"""Lays out the paper of one candidate."""

from protocol.attempt.layout import LaidQuestion, LaidSection, Layout
from protocol.content import TestContent, select_questions


def lay_out(content: TestContent, form_id: str | None) -> Layout:
    """The questions of the form in the author's order. Raises `Refused(unknown_form)`."""
    questions = tuple(LaidQuestion(question.question_id) for question in select_questions(content, form_id))
    return Layout((LaidSection(None, questions),))
