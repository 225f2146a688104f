"""What a mark that a person gave is worth by other keys: its share of the points, where a question is worth others."""

from protocol.content import Question
from protocol.marking.question import lowest_mark
from protocol.rest.results import Mark


def worth_now(score_mpt: int, of_mpt: int, question: Question) -> int | None:
    """The mark `score_mpt` of `of_mpt` by the keys that `question` has: the same share of its points, rounded to a
    thousandth of a point, halves up, and never below what the question can be worth. None: it was given while the
    question was worth nothing, so it says nothing now."""
    max_mpt = question.points_mpt
    if not of_mpt and max_mpt:
        return None
    share = score_mpt if of_mpt == max_mpt else (2 * score_mpt * max_mpt + of_mpt) // (2 * of_mpt)
    return max(lowest_mark(question), min(share, max_mpt))


def mark_now(mark: Mark, question: Question) -> int | None:
    """The same of a person's mark as a result tells it. Its share is that of what the person gave, so that a regrade
    and another one back come to the same mark."""
    given = mark.given
    if given is None:
        return worth_now(mark.score_mpt or 0, mark.max_mpt, question)
    return worth_now(given.score_mpt, given.max_mpt, question)
