"""Whether a typed text fits. A text that is no number is kept as it was typed, and marked as wrong."""

from typing import Final

from protocol.codes import Code
from protocol.errors import Refusal, refuse
from protocol.messages.base import PartValue
from protocol.paper import PaperEssay, PaperText
from protocol.rich import Fault, check, text_of

_FAULTS: Final[dict[Fault, str]] = {
    "attribute": "In this answer an element has attributes: rich text has none.",
    "character": "In this answer is a control character, or one that turns the direction of the text around.",
    "element": "In this answer is an element that rich text doesn't have.",
    "empty": "In this answer is an element with nothing in it. An answer that says nothing is sent as an empty text.",
    "misplaced": "In this answer something stands where rich text can't have it.",
    "nesting": "In this answer too many lists and quotations stand inside one another.",
    "reference": "In this answer is a character reference that rich text doesn't have, or a character that needs one.",
    "unclosed": "In this answer an element is not closed where it has to be.",
}


def accept_text(asked: PaperText, value: PartValue) -> PartValue | Refusal:
    """A text that is not too long."""
    if not isinstance(value, str):
        return refuse(Code.WRONG_ANSWER_TYPE)
    return _too_long(asked) if len(value) > asked.max_chars else value


def accept_essay(asked: PaperEssay, value: PartValue) -> PartValue | Refusal:
    """A text, or rich text in its one form, that is not too long."""
    if asked.format != "rich":
        return accept_text(asked, value)
    if not isinstance(value, str):
        return refuse(Code.WRONG_ANSWER_TYPE)
    fault = check(value)
    if fault is not None:
        return refuse(Code.WRONG_MARKUP, _FAULTS[fault])
    # A text is no longer than its markup.
    is_long = len(value) > asked.max_chars and len(text_of(value)) > asked.max_chars
    return _too_long(asked) if is_long else value


def _too_long(asked: PaperText) -> Refusal:
    return refuse(Code.ANSWER_TOO_LONG, f"This answer is longer than {asked.max_chars} characters.")
