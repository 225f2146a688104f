"""What of a text is seen."""

import re
from typing import Final

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


def shows(text: str) -> bool:
    """Whether anything of it is seen: it has more than white space and invisible characters."""
    return _NOTHING.fullmatch(text) is None
