"""Whether a typed text fits. A text that is no number is kept as it was typed, and marked as wrong."""

from protocol.codes import Code
from protocol.errors import Refusal, refuse
from protocol.messages.base import PartValue
from protocol.paper import PaperText


def accept_text(asked: PaperText, value: PartValue) -> PartValue | Refusal:
    """A text that is not too long."""
    if not isinstance(value, str):
        return refuse(Code.WRONG_ANSWER_TYPE)
    if len(value) > asked.max_chars:
        return refuse(Code.ANSWER_TOO_LONG, f"This answer is longer than {asked.max_chars} characters.")
    return value
