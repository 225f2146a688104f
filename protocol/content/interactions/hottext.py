"""Choosing among words of a text."""

from typing import Annotated

import msgspec
from msgspec import Meta

from protocol import limits
from protocol.content.base import Body, Weight
from protocol.content.interactions.base import Marked
from protocol.messages.base import Id

ChoiceCount = Annotated[int, Meta(ge=0, le=limits.MAX_ANSWER_OPTIONS)]
MaxChoices = Annotated[int, Meta(ge=1, le=limits.MAX_ANSWER_OPTIONS)] | None
"""Nil: any number."""


class Hottext(Marked, frozen=True, tag="hottext", kw_only=True):
    """Words of a `text` are chosen, each of them marked as `<pd-hot id="…">word</pd-hot>`. What is right and what it is
    worth is as for a `MultipleChoice`. `min_choices` is shown to candidates and refuses nothing."""

    text: Body
    correct: Annotated[list[Id], Meta(max_length=limits.MAX_ANSWER_OPTIONS)] = msgspec.field(default_factory=list)
    partial: bool = False
    weights_mpt: Annotated[dict[Id, Weight], Meta(max_length=limits.MAX_ANSWER_OPTIONS)] = msgspec.field(
        default_factory=dict
    )
    min_choices: ChoiceCount = 0
    max_choices: MaxChoices = None
