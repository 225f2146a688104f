"""Keys that no keyboard enters."""

import unicodedata
from collections.abc import Iterator

from protocol.content import ShortText, TestContent
from protocol.lint.places import interactions
from protocol.marking.text import accepted_text
from protocol.rest.lint import Finding
from protocol.seen import WHITE_SPACE

_NEVER_TYPED = ("Cc", "Cn", "Co", "Cs")
"""Control characters, those for private use, and those that are none."""


def untypable_key(content: TestContent) -> Iterator[Finding]:
    """Accepted texts with a character that nobody can type."""
    for place, asked in interactions(content):
        if isinstance(asked, ShortText):
            for number, given in enumerate(asked.accepted, 1):
                strange = next(filter(_is_strange, accepted_text(given).text), None)
                if strange is not None:
                    says = f"Accepted answer {number} can't be typed: it has the character U+{ord(strange):04X}."
                    yield place.found("untypable_key", says)


def _is_strange(character: str) -> bool:
    return character not in WHITE_SPACE and unicodedata.category(character) in _NEVER_TYPED
