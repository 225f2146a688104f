"""Whether a number is one of a slider's."""

import re
from decimal import Decimal
from typing import Final

from protocol.codes import Code
from protocol.errors import Refusal, refuse
from protocol.messages.base import PartValue
from protocol.paper import PaperSlider

SCALE_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,11})(?:\.[0-9]{1,9})?")
"""A number of a scale: so short that a page, too, counts with it exactly."""


def accept_scaled(asked: PaperSlider, value: PartValue) -> PartValue | Refusal:
    """A number of the scale as text, written with a point."""
    if not isinstance(value, str) or SCALE_NUMBER.fullmatch(value) is None:
        return refuse(Code.WRONG_ANSWER_TYPE, "This is not a number with a decimal point.")
    number, lower = Decimal(value), Decimal(asked.lower)
    if not lower <= number <= Decimal(asked.upper) or (number - lower) % Decimal(asked.step):
        return refuse(Code.UNKNOWN_OPTION, "The scale does not have this number.")
    return value
