"""What is taken away for what is wrong in an answer, as its candidate reads it on her paper. It tells nothing of the
key: neither what is right, nor how much."""

from collections.abc import Iterable
from typing import Literal

from protocol.content import (
    ByHand,
    GraphicOrder,
    Hotspot,
    Hottext,
    Interaction,
    Marked,
    MultipleChoice,
    OneOf,
    Order,
    Pairing,
    Point,
    Question,
    has_key,
)
from protocol.marking.choices import Several, names_of
from protocol.marking.interaction import lowest_of
from protocol.paper import PaperCost


def costs_of(question: Question) -> list[PaperCost]:
    """For each part, in their order. Those of a question that is tried out are told like any other's."""
    if question.scoring == "all":
        return []
    found = [_cost(asked) for asked in question.interactions if question.scored or has_key(asked)]
    return [cost for cost in found if cost is not None]


def _cost(asked: Interaction) -> PaperCost | None:
    if isinstance(asked, ByHand):
        return None
    if isinstance(asked, OneOf) and asked.weights_mpt:
        least_mpt = _least(asked)
        worths = {asked.weights_mpt.get(name, 0) for name in names_of(asked)}
        takes = {one if least_mpt is None else max(least_mpt, one) for one in worths if one <= 0}
        return _of_answer(asked, "answer", up_to=len(takes) > 1)
    if isinstance(asked, MultipleChoice | Hottext | Hotspot):
        return _of_several(asked)
    if isinstance(asked, Pairing):
        return _of_pairs(asked)
    if isinstance(asked, Point):
        areas = [one.worth_mpt for one in asked.areas if one.worth_mpt is not None]
        return _of_each(asked, [*areas, asked.elsewhere_mpt - asked.wrong_mpt])
    if isinstance(asked, Order | GraphicOrder) and asked.partial != "none":
        return _of_answer(asked, "nothing_right")
    return _of_answer(asked, "answer")


def _of_several(asked: Several) -> PaperCost | None:
    if asked.weights_mpt:
        return _of_each(asked, [asked.weights_mpt.get(name, 0) for name in names_of(asked)])
    if not asked.partial or (isinstance(asked, Hotspot) and asked.max_choices == 1):
        return _of_answer(asked, "answer")
    return _of_each(asked, [-asked.wrong_mpt]) if asked.wrong_mpt else _of_share(asked)


def _of_pairs(asked: Pairing) -> PaperCost | None:
    if asked.weights:
        return _of_each(asked, [*(one.worth_mpt for one in asked.weights), asked.default_mpt])
    if asked.partial == "none":
        return _of_answer(asked, "answer")
    if asked.wrong_mpt:
        return _of_each(asked, [-asked.wrong_mpt])
    return _of_share(asked) if asked.partial == "pairs" else None


def _of_answer(
    asked: Interaction, what: Literal["answer", "nothing_right"], *, up_to: bool = False
) -> PaperCost | None:
    takes_mpt = -lowest_of(asked)
    return PaperCost(asked.response_id, what, takes_mpt, up_to=up_to) if takes_mpt else None


def _of_each(asked: Marked, worths: Iterable[int]) -> PaperCost | None:
    """By what single choices, pairs or points are worth."""
    takes = {-one for one in worths if one <= 0}
    takes_mpt = max(takes, default=0)
    if not takes_mpt:
        return None
    return PaperCost(asked.response_id, "mistake", takes_mpt, up_to=len(takes) > 1, least_mpt=_least(asked))


def _of_share(asked: Marked) -> PaperCost | None:
    """How much that is would tell how much is right. Where it only lessens what the rest gives, nothing is told."""
    least_mpt = _least(asked)
    return PaperCost(asked.response_id, "mistake", None, least_mpt=least_mpt) if least_mpt else None


def _least(asked: Marked) -> int | None:
    return 0 if asked.min_mpt is None and not asked.wrong_mpt else asked.min_mpt
