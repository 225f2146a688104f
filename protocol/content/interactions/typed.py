"""Typing a number or a text."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from protocol import limits
from protocol.content.base import Body, DecimalText, Label, Points
from protocol.content.interactions.base import InteractionBase, Marked
from protocol.messages.base import NO_NUL


class AcceptedNumber(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A right number. `value` and `tolerance` are decimal numbers as text, so that nothing is rounded.

    `within` says what the tolerance is: "absolute" (an amount), "relative" (a share of the value: "0.05" is 5 %), or
    "significant" (a count of significant figures: answer and value are equal when both are rounded to them, halves
    away from zero). The bounds are inside. `points_mpt` nil: the interaction's points. `feedback` is shown with the
    result to whoever answered so.
    """

    value: DecimalText
    tolerance: DecimalText = "0"
    within: Literal["absolute", "relative", "significant"] = "absolute"
    points_mpt: Points | None = None
    feedback: Body | None = None


class Numeric(Marked, frozen=True, tag="numeric", kw_only=True):
    """A number that is near one of the accepted ones; of several that it is near, the one worth most counts.
    `decimal_sign` is the sign with which candidates write their numbers, and the test its keys."""

    accepted: Annotated[list[AcceptedNumber], Meta(max_length=100)] = msgspec.field(default_factory=list)
    unit: Annotated[str, Meta(max_length=40, pattern=NO_NUL)] | None = None
    decimal_sign: Literal[".", ",", "either"] = "either"


class AcceptedText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A right text. In a `pattern`, each `*` stands for any characters or none. `points_mpt` nil: the interaction's
    points. `feedback` is shown with the result to whoever answered so."""

    text: Label
    pattern: bool = False
    points_mpt: Points | None = None
    feedback: Body | None = None


class ShortText(Marked, frozen=True, tag="short_text", kw_only=True):
    """One of the accepted texts, compared as `marking.text` says: with letter case if `case_sensitive`. Of several that
    fit, the one worth most counts."""

    accepted: Annotated[list[Label | AcceptedText], Meta(max_length=100)] = msgspec.field(default_factory=list)
    case_sensitive: bool = False
    max_chars: Annotated[int, Meta(ge=1, le=1_000)] = 200


class Essay(InteractionBase, frozen=True, tag="essay", kw_only=True):
    """Marked by a person. `guidance` is for the marker only. Between `min_words` and `max_words` the text should have;
    the page counts them, and nothing is refused for them. A `rich` text has paragraphs, headings, lists and the like
    (`protocol.rich`), and 12,000 characters at most, without its markup."""

    max_chars: Annotated[int, Meta(ge=1, le=limits.MAX_ANSWER_CHARS)] = limits.MAX_ANSWER_CHARS
    guidance: Annotated[str, Meta(max_length=20_000, pattern=NO_NUL)] | None = None
    min_words: Annotated[int, Meta(ge=1, le=limits.MAX_ANSWER_CHARS)] | None = None
    max_words: Annotated[int, Meta(ge=1, le=limits.MAX_ANSWER_CHARS)] | None = None
    format: Literal["plain", "rich"] = "plain"
