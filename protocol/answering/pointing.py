"""Whether spots were chosen that a picture has, and whether points lie on it."""

import re
from typing import Final

from protocol.codes import Code
from protocol.errors import Refusal, refuse
from protocol.messages.base import Pair, PartValue
from protocol.paper import PaperHotspot, PaperPoint, PaperSpots

_UNITS: Final = re.compile(r"0|[1-9][0-9]{0,5}")


def accept_spots(asked: PaperHotspot, value: PartValue) -> PartValue | Refusal:
    """A set of spots, as the paper's own objects."""
    chosen = accept_spot_order(asked, value)
    return chosen if isinstance(chosen, Refusal) else _too_many(chosen, asked.max_choices) or chosen


def accept_spot_order(asked: PaperSpots, value: PartValue) -> PartValue | Refusal:
    """Spots, each once, as the paper's own objects."""
    if not isinstance(value, list):
        return refuse(Code.WRONG_ANSWER_TYPE)
    if len(set(value)) != len(value):
        return refuse(Code.WRONG_ANSWER_TYPE, "A spot is named twice.")
    chosen = own_spots(asked, value)
    return chosen if chosen == value else refuse(Code.UNKNOWN_OPTION)


def accept_points(asked: PaperPoint, value: PartValue) -> PartValue | Refusal:
    """Points on the picture, each once."""
    if not isinstance(value, list):
        return refuse(Code.WRONG_ANSWER_TYPE)
    if len(set(value)) != len(value):
        return refuse(Code.WRONG_ANSWER_TYPE, "A point is named twice.")
    for point in value:
        if not is_point(point):
            return refuse(Code.WRONG_ANSWER_TYPE, "A point is a pair of whole numbers.")
        if int(point[0]) > asked.picture.width or int(point[1]) > asked.picture.height:
            return refuse(Code.WRONG_ANSWER_TYPE, "A point lies outside of the picture.")
    return _too_many(value, asked.max_choices) or value


def is_point(point: str | Pair) -> bool:
    """Whether it is two whole numbers, none below zero."""
    return isinstance(point, tuple) and all(map(_UNITS.fullmatch, point))


def _too_many(value: PartValue, most: int | None) -> Refusal | None:
    return refuse(Code.TOO_MANY_CHOICES) if most is not None and len(value) > most else None


def own_spots(asked: PaperSpots, value: PartValue) -> PartValue:
    """The spots that the picture has, of those that are named, as the paper's own objects."""
    return [spot.spot_id for name in value for spot in asked.spots if spot.spot_id == name]
