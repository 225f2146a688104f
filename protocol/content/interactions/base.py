"""What all interactions of a question have."""

from typing import Annotated

import msgspec
from msgspec import Meta

from protocol import limits
from protocol.content.base import Body, Penalty, Points
from protocol.messages.base import Id

OptionFeedback = Annotated[dict[Id, Body], Meta(max_length=limits.MAX_ANSWER_OPTIONS)]
"""What is said to whoever chose an option, by the option's id. It comes with the result, never with the paper."""


class InteractionBase(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", kw_only=True):
    """One thing that a candidate does in a question: she chooses, types, orders. It stands in the question's body where
    `<pd-response id="…">` names its `response_id`, or behind the body."""

    response_id: Id = "answer"
    points_mpt: Points = 1_000


class Marked(InteractionBase, frozen=True, kw_only=True):
    """What interactions have that need no person. A wrong answer takes `wrong_mpt` away, no answer nothing. The mark is
    never below `min_mpt`; nil: below zero only where `wrong_mpt` is given."""

    wrong_mpt: Points = 0
    min_mpt: Penalty | None = None
