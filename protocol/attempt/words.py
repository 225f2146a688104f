"""Texts that all attempts at a paper have in common, kept once in memory."""

from msgspec.structs import replace

from protocol.answering import PaperIndex, in_words_of
from protocol.attempt.answers import Answers
from protocol.attempt.model import Attempt


def in_words_of_paper(attempt: Attempt, paper: PaperIndex) -> Attempt:
    """The same state, with the paper's own objects for the ids of its questions and options. A state that was decided
    here has them already; one that was read from the database has texts of its own."""
    kept = attempt.answers
    questions = [paper[question_id][1] if question_id in paper else None for question_id in kept]
    answers = Answers(
        tuple(
            question_id if question is None else question.question_id
            for question_id, question in zip(kept, questions, strict=True)
        ),
        tuple(
            value if question is None else in_words_of(question, value)
            for value, question in zip(kept.given, questions, strict=True)
        ),
        kept.stamps,
    )
    return replace(attempt, answers=answers)
