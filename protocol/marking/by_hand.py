"""What a mark that a person gave is worth by other keys: its share of the points, where a question is worth others."""

from protocol.rest.results import Mark


def worth_now(score_mpt: int, of_mpt: int, max_mpt: int) -> int | None:
    """The mark `score_mpt` of `of_mpt`, where the question is worth `max_mpt`: the same share, rounded to a thousandth
    of a point, halves up. None: it was given while the question was worth nothing, so it says nothing now."""
    if of_mpt == max_mpt or not max_mpt:
        return min(score_mpt, max_mpt)
    return (2 * score_mpt * max_mpt + of_mpt) // (2 * of_mpt) if of_mpt else None


def mark_now(mark: Mark, max_mpt: int) -> int | None:
    """The same of a person's mark as a result tells it. Its share is that of what the person gave, so that a regrade
    and another one back come to the same mark."""
    if mark.given is None:
        return worth_now(mark.score_mpt or 0, mark.max_mpt, max_mpt)
    return worth_now(mark.given.score_mpt, mark.given.max_mpt, max_mpt)
