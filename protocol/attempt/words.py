"""Texts that all attempts at a paper have in common, kept once in memory."""

from msgspec.structs import replace

from protocol.answering import PaperIndex, in_words_of
from protocol.attempt.model import Attempt, Saved


def in_words_of_paper(attempt: Attempt, paper: PaperIndex) -> Attempt:
    """The same state, with the paper's own objects for the ids of its questions and options. A state that was decided
    here has them already; one that was read from the database has texts of its own."""
    answers: dict[str, Saved] = {}
    for question_id, saved in attempt.answers.items():
        if question_id in paper:
            question = paper[question_id][1]
            answers[question.question_id] = Saved(in_words_of(question, saved.value), saved.n, saved.at_ms)
        else:
            answers[question_id] = saved
    return replace(attempt, answers=answers)
