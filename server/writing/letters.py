"""Letters in mathematical styles: MathML Core has them as characters, and no longer as an attribute."""

import unicodedata
from typing import Final

_STYLES: Final = {
    "bold": "BOLD",
    "bold-fraktur": "BOLD FRAKTUR",
    "bold-italic": "BOLD ITALIC",
    "bold-sans-serif": "SANS-SERIF BOLD",
    "bold-script": "BOLD SCRIPT",
    "double-struck": "DOUBLE-STRUCK",
    "fraktur": "FRAKTUR",
    "italic": "ITALIC",
    "monospace": "MONOSPACE",
    "sans-serif": "SANS-SERIF",
    "sans-serif-bold-italic": "SANS-SERIF BOLD ITALIC",
    "sans-serif-italic": "SANS-SERIF ITALIC",
    "script": "SCRIPT",
}
STYLES: Final = frozenset(_STYLES)
_OLDER: Final = {"FRAKTUR": "BLACK-LETTER", "ITALIC": "ITALIC"}
"""Some letters were in Unicode before the alphabets were, under names without "MATHEMATICAL"."""


def styled(text: str, style: str) -> str:
    """The text in the characters of a style. A character that has none there stays."""
    return "".join(_styled(character, _STYLES[style]) for character in text)


def _styled(character: str, style: str) -> str:
    name = unicodedata.name(character, "")
    name = name.removeprefix("LATIN ").removeprefix("GREEK ").replace("LETTER ", "")
    if (character, style) == ("h", "ITALIC"):
        return "\u210e"
    for full in (f"MATHEMATICAL {style} {name}", f"{_OLDER.get(style, style)} {name}"):
        try:
            return unicodedata.lookup(full)
        except KeyError:
            continue
    return character
