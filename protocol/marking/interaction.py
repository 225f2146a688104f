"""The mark of the answer to one interaction."""

from typing import Final

from protocol.answering import is_blank
from protocol.answering.pointing import is_point
from protocol.content import (
    Associate,
    ByHand,
    GapMatch,
    GraphicAssociate,
    GraphicGapMatch,
    GraphicOrder,
    Hotspot,
    Hottext,
    Interaction,
    Marked,
    Match,
    MultipleChoice,
    Numeric,
    OneOf,
    Order,
    Pairing,
    Point,
    ShortText,
    Slider,
    TrueFalse,
    has_key,
)
from protocol.marking.choices import lowest_of_several, mark_one, mark_several, mark_spots
from protocol.marking.near import best_number
from protocol.marking.ordering import mark_order
from protocol.marking.pairs import lowest_of_pairs, mark_pairs
from protocol.marking.pointing import lowest_of_points, mark_points
from protocol.marking.text import best_text
from protocol.messages.base import PartValue


def mark_interaction(asked: Interaction, part: PartValue | None, language: str | None = None) -> int | None:
    """Thousandths of a point; None where a person has to judge it, or nobody. `language` is the test's."""
    if is_blank(part):
        return 0
    if isinstance(asked, ByHand):
        return None if isinstance(part, str) else 0
    if not has_key(asked):
        return None
    return max(_floor(asked), min(_worth(asked, part, language), asked.points_mpt))


def _worth(asked: Marked, part: PartValue | None, language: str | None) -> int:
    match asked, part:
        case MultipleChoice() | Hottext(), list():
            return mark_several(asked, frozenset(map(str, part)))
        case OneOf(), str():
            return mark_one(asked, part)
        case TrueFalse(), str():
            right = part == ("true" if asked.correct else "false")
            return asked.points_mpt if right else -asked.wrong_mpt
        case Order() | GraphicOrder(), list():
            return mark_order(asked, list(map(str, part)))
        case Match() | GapMatch() | Associate() | GraphicGapMatch() | GraphicAssociate(), list():
            return mark_pairs(asked, [pair for pair in part if isinstance(pair, tuple)])
        case Hotspot(), list():
            return mark_spots(asked, frozenset(map(str, part)))
        case Point(), list():
            return mark_points(asked, [(int(point[0]), int(point[1])) for point in part if is_point(point)])
        case Numeric() | Slider(), str():
            best = best_number(asked, part)
        case ShortText(), str():
            best = best_text(asked, part, language)
        case _:
            return 0
    return -asked.wrong_mpt if best is None else best


def lowest_of(asked: Interaction) -> int:
    """The least that an answer can be worth, in thousandths of a point: zero, or what wrong answers take away, as far
    as the floor."""
    if isinstance(asked, ByHand):
        return 0
    if isinstance(asked, MultipleChoice | Hottext | Hotspot):
        worst = lowest_of_several(asked)
    elif isinstance(asked, Pairing):
        worst = lowest_of_pairs(asked)
    elif isinstance(asked, Point):
        worst = lowest_of_points(asked)
    elif isinstance(asked, OneOf) and asked.weights_mpt:
        worst = min(asked.weights_mpt.get(option.option_id, 0) for option in asked.options)
    else:
        worst = -asked.wrong_mpt
    return min(0, max(_floor(asked), worst))


def _floor(asked: Marked) -> int:
    if asked.min_mpt is not None:
        return asked.min_mpt
    return -_MOST if asked.wrong_mpt else 0


_MOST: Final = 64 * 1_000_000_000
"""More than all options of an interaction can take away."""
