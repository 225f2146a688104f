"""Whether an answer fits its question, and whether it says anything. `marking` judges whether it is right."""

import re
from collections.abc import Mapping
from typing import Final

from protocol.codes import Code
from protocol.errors import Refusal, refuse
from protocol.messages.base import Value
from protocol.paper import Paper, PaperQuestion

PaperIndex = Mapping[str, PaperQuestion]
"""The questions of a paper by id."""


def index_paper(paper: Paper) -> PaperIndex:
    """The index in which `decide` looks up questions."""
    return {question.question_id: question for question in paper.questions}


_CODES: Final = (*range(0x09, 0x0E), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F)
WHITE_SPACE: Final = "".join(map(chr, (*_CODES, 0x3000)))
"""The characters with the property White_Space of Unicode. Each language's own trimming takes others."""

INVISIBLE: Final = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""What a regular expression has between brackets for the characters that show nothing: those with Unicode's property
Default_Ignorable_Code_Point."""
_INVISIBLE: Final = re.compile(f"[{INVISIBLE}]+")
_NOTHING: Final = re.compile(f"[{INVISIBLE}{WHITE_SPACE}]*")


def visible(text: str) -> str:
    """The text without invisible characters: they come with what is pasted, and nobody sees them."""
    return text if text.isascii() else _INVISIBLE.sub("", text)


def is_blank(value: Value) -> bool:
    """Whether the question counts as not answered: the value is nil, has no option, or shows nothing: it has white
    space and invisible characters alone."""
    if not isinstance(value, str):
        return not value
    # Nearly every answer begins with a character that is seen: asked first, since it costs a quarter.
    return not " " < value[:1] < "\x80" and _NOTHING.fullmatch(value) is not None


def accept(question: PaperQuestion, value: Value) -> Value | Refusal:
    """The answer as it is kept, in words of the question (`in_words_of`), or why it does not fit. Nil, which takes an
    answer back, always fits.

    A numeric question also accepts text that is no number: it is kept as the candidate typed it, and marked as wrong.
    """
    if value is None:
        return None
    if isinstance(value, list):
        if question.type != "multiple_choice":
            return refuse(Code.WRONG_ANSWER_TYPE)
        if len(set(value)) != len(value):
            return refuse(Code.WRONG_ANSWER_TYPE, "An option is named twice.")
        chosen = in_words_of(question, value)
        return chosen if chosen == value else refuse(Code.UNKNOWN_OPTION)
    if question.type == "multiple_choice":
        return refuse(Code.WRONG_ANSWER_TYPE)
    if question.max_chars is None:
        for option in question.options:
            if option.option_id == value:
                return option.option_id
        return refuse(Code.UNKNOWN_OPTION)
    if len(value) > question.max_chars:
        return refuse(Code.ANSWER_TOO_LONG, f"This answer is longer than {question.max_chars} characters.")
    return value


def in_words_of(question: PaperQuestion, value: Value) -> Value:
    """The same value, its options as the question's own objects: a thousand candidates then share one text of each."""
    if isinstance(value, list):
        return [option.option_id for option_id in value for option in question.options if option.option_id == option_id]
    for option in question.options:
        if option.option_id == value:
            return option.option_id
    return value
