"""Putting things in order."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from protocol import limits
from protocol.content.interactions.choices import WithOptions
from protocol.messages.base import Id


class Order(WithOptions, frozen=True, tag="order", kw_only=True):
    """All options are put in order; each candidate finds them in an order of her own. `correct` has the right order.
    With the `partial` credit "places" each option in its place gives its share of the points, with "pairs" each one
    that directly follows the one before it; the sum is rounded down. `wrong_mpt` is for an order that gives nothing."""

    correct: Annotated[list[Id], Meta(max_length=limits.MAX_ANSWER_OPTIONS)] = msgspec.field(default_factory=list)
    partial: Literal["none", "places", "pairs"] = "none"
