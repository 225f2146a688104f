"""Texts that all attempts at a paper have in common, kept once in memory."""

from msgspec.structs import replace

from protocol.answering import in_words_of
from protocol.attempt.answers import Answers
from protocol.attempt.model import Attempt
from protocol.attempt.sheet import Sheet


def in_words_of_paper(attempt: Attempt, sheet: Sheet) -> Attempt:
    """The same state, with the objects of its sheet for its terms, its layout, and the ids of questions and options. A
    state that was decided here has them already; one that was read from the database has texts of its own."""
    kept, words = attempt.answers, sheet.questions.words
    answers = Answers(
        tuple(map(words.get, kept.question_ids, kept.question_ids)),
        tuple([words.get(one, one) if type(one) is str else in_words_of(words, one) for one in kept.given]),
        kept.stamps,
    )
    terms = sheet.terms if attempt.terms == sheet.terms else attempt.terms
    layout = sheet.layout if attempt.layout == sheet.layout else attempt.layout
    return replace(attempt, answers=answers, terms=terms, layout=layout)
