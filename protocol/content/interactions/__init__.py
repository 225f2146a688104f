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
    | ShortText
    | Essay
)


def has_feedback(asked: Interaction) -> bool:
    """Whether its author says something of single answers."""
    match asked:
        case Choice() | TrueFalse():
            return bool(asked.option_feedback)
        case Numeric() | ShortText():
            return any(not isinstance(one, str) and one.feedback is not None for one in asked.accepted)
        case _:
            return False


__all__ = [
    "AcceptedNumber",
    "AcceptedText",
    "Associate",
    "Choice",
    "Essay",
    "GapMatch",
    "Hottext",
    "InlineChoice",
    "Interaction",
    "InteractionBase",
    "Marked",
    "Match",
    "MultipleChoice",
    "Numeric",
    "OneOf",
    "Option",
    "OptionFeedback",
    "Order",
    "PairOption",
    "PairWorth",
    "Pairs",
    "ShortText",
    "Sides",
    "SingleChoice",
    "TrueFalse",
    "WithOptions",
    "has_feedback",
    "most_pairs",
    "undirected",
]
