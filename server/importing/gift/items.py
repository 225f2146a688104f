"""What a GIFT file says, item by item, before anything is made of it."""

from decimal import Decimal
from typing import Literal

import msgspec

Format = Literal["moodle", "html", "markdown", "plain"]
"""How a text is written. "moodle", the default, is plain text in which a little HTML may stand."""


class Text(msgspec.Struct, frozen=True):
    """A text with its escapes taken out."""

    text: str
    format: Format


class Answer(msgspec.Struct, frozen=True):
    """One text that a candidate may choose or type. `is_right`: it stands behind "=" and not behind "~".
    `weight` is in per cent; None: none was given."""

    text: Text
    is_right: bool
    weight: Decimal | None = None
    feedback: Text | None = None


class NumberAnswer(msgspec.Struct, frozen=True):
    """A number within `margin` of `value`, as they are written. Where `value` is None, every other number. A range is
    its middle, and half its width."""

    value: str | None
    margin: str
    is_right: bool
    weight: Decimal | None = None
    feedback: Text | None = None


class Pair(msgspec.Struct, frozen=True):
    """What belongs together. A blank `left` is one more text to choose from."""

    left: Text
    right: str


class Description(msgspec.Struct, frozen=True, tag=True):
    """A text that asks nothing."""


class Essay(msgspec.Struct, frozen=True, tag=True):
    """A person marks it."""


class TrueFalse(msgspec.Struct, frozen=True, tag=True):
    """`wrong` and `right` are the feedback to a wrong and to a right answer."""

    is_true: bool
    wrong: Text | None = None
    right: Text | None = None


class Choices(msgspec.Struct, frozen=True, tag=True):
    """Several may be chosen where no answer is marked as the right one."""

    answers: list[Answer]


class ShortAnswers(msgspec.Struct, frozen=True, tag=True):
    """All that is accepted. A "*" stands for anything."""

    answers: list[Answer]


class Numbers(msgspec.Struct, frozen=True, tag=True):
    """All that is accepted."""

    answers: list[NumberAnswer]


class Matching(msgspec.Struct, frozen=True, tag=True):
    """Each left text with its right one."""

    pairs: list[Pair]


class Ordering(msgspec.Struct, frozen=True, tag=True):
    """Texts in their right order. `how` are the words of its head line, which say how it is shown and marked."""

    texts: list[Text]
    how: list[str]


Answered = Essay | TrueFalse | Choices | ShortAnswers | Numbers | Matching | Ordering
"""What asks for an answer."""
Asked = Description | Answered


class Question(msgspec.Struct, frozen=True):
    """`line` is its first line in the file, from 1. The text is `before` and, where the answer stands in a gap in the
    line, `after`; None: the answer follows the text. `feedback` is for every answer. `item_id` and `tags` come from
    comments before the question."""

    line: int
    before: Text
    asked: Asked
    after: Text | None = None
    title: str | None = None
    item_id: str | None = None
    tags: list[str] = []
    feedback: Text | None = None


class Category(msgspec.Struct, frozen=True):
    """A heading: the questions behind it belong to this category, whose levels are parted by slashes."""

    line: int
    path: str


class Unread(msgspec.Struct, frozen=True):
    """An item that could not be read, and why."""

    line: int
    reason: str


Item = Question | Category | Unread
