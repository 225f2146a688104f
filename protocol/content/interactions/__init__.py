"""What candidates do in a question, one module for each family. `Interaction` is any of them, told by its `type`."""

from protocol.content.interactions.base import InteractionBase, Marked, OptionFeedback
from protocol.content.interactions.choices import (
    Choice,
    InlineChoice,
    MultipleChoice,
    OneOf,
    Option,
    SingleChoice,
    TrueFalse,
    WithOptions,
)
from protocol.content.interactions.graphic import (
    GraphicAssociate,
    GraphicGapMatch,
    GraphicOrder,
    Hotspot,
    PairSpot,
    Point,
    WorthArea,
)
from protocol.content.interactions.handing import FileKind, Upload
from protocol.content.interactions.hottext import Hottext
from protocol.content.interactions.ordering import Order
from protocol.content.interactions.pairs import (
    Associate,
    GapMatch,
    Match,
    PairOption,
    Pairs,
    PairWorth,
    Sides,
    most_pairs,
    undirected,
)
from protocol.content.interactions.pictures import Area, OnPicture, Picture, Spot, WithSpots
from protocol.content.interactions.sliding import Slider
from protocol.content.interactions.typed import AcceptedNumber, AcceptedText, Essay, Numeric, ShortText

Interaction = (
    SingleChoice
    | InlineChoice
    | MultipleChoice
    | TrueFalse
    | Hottext
    | Order
    | Match
    | GapMatch
    | Associate
    | Numeric
    | Slider
    | ShortText
    | Essay
    | Hotspot
    | Point
    | GraphicOrder
    | GraphicGapMatch
    | GraphicAssociate
    | Upload
)
ByHand = Essay | Upload
"""What a person marks."""
Pairing = Match | GapMatch | Associate | GraphicGapMatch | GraphicAssociate
"""What is answered by pairs."""


def has_feedback(asked: Interaction) -> bool:
    """Whether its author says something of single answers."""
    match asked:
        case Choice() | TrueFalse():
            return bool(asked.option_feedback)
        case Numeric() | Slider() | ShortText():
            return any(not isinstance(one, str) and one.feedback is not None for one in asked.accepted)
        case _:
            return False


def has_key(asked: Interaction) -> bool:
    """Whether its author says what is right. Only what a person marks, or what a question asks that is not scored, has
    no key."""
    match asked:
        case Essay() | Upload():
            return False
        case OneOf() | TrueFalse():
            return asked.correct is not None
        case Numeric() | Slider() | ShortText():
            return bool(asked.accepted)
        case Point():
            return bool(asked.areas)
        case _:
            return bool(asked.correct)


__all__ = [
    "AcceptedNumber",
    "AcceptedText",
    "Area",
    "Associate",
    "ByHand",
    "Choice",
    "Essay",
    "FileKind",
    "GapMatch",
    "GraphicAssociate",
    "GraphicGapMatch",
    "GraphicOrder",
    "Hotspot",
    "Hottext",
    "InlineChoice",
    "Interaction",
    "InteractionBase",
    "Marked",
    "Match",
    "MultipleChoice",
    "Numeric",
    "OnPicture",
    "OneOf",
    "Option",
    "OptionFeedback",
    "Order",
    "PairOption",
    "PairSpot",
    "PairWorth",
    "Pairing",
    "Pairs",
    "Picture",
    "Point",
    "ShortText",
    "Sides",
    "SingleChoice",
    "Slider",
    "Spot",
    "TrueFalse",
    "Upload",
    "WithOptions",
    "WithSpots",
    "WorthArea",
    "has_feedback",
    "has_key",
    "most_pairs",
    "undirected",
]
