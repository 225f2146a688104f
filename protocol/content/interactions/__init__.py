"""What candidates do in a question, one module for each family. `Interaction` is any of them, told by its `type`."""

from protocol.content.interactions.base import InteractionBase, Marked
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
from protocol.content.interactions.ordering import Order
from protocol.content.interactions.typed import AcceptedNumber, AcceptedText, Essay, Numeric, ShortText

Interaction = SingleChoice | InlineChoice | MultipleChoice | TrueFalse | Order | Numeric | ShortText | Essay

__all__ = [
    "AcceptedNumber",
    "AcceptedText",
    "Choice",
    "Essay",
    "InlineChoice",
    "Interaction",
    "InteractionBase",
    "Marked",
    "MultipleChoice",
    "Numeric",
    "OneOf",
    "Option",
    "Order",
    "ShortText",
    "SingleChoice",
    "TrueFalse",
    "WithOptions",
]
