"""Setting a number on a scale."""

from typing import Annotated

import msgspec
from msgspec import Meta

from protocol.content.base import DecimalText
from protocol.content.interactions.base import Marked
from protocol.content.interactions.typed import AcceptedNumber
from protocol.messages.base import NO_NUL


class Slider(Marked, frozen=True, tag="slider", kw_only=True):
    """A number from `lower` in steps of `step`, up to `upper`. All three are decimal numbers as text, with a point.
    What is right is as in a `numeric`."""

    lower: DecimalText
    upper: DecimalText
    step: DecimalText = "1"
    accepted: Annotated[list[AcceptedNumber], Meta(max_length=100)] = msgspec.field(default_factory=list)
    unit: Annotated[str, Meta(max_length=40, pattern=NO_NUL)] | None = None
