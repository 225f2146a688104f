"""The name that people see of a candidate, and how names are searched."""

import unicodedata
from typing import Final

from protocol import limits
from protocol.ids import is_seen
from protocol.texts import shows_nothing

_TURNS: Final = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""They turn the direction of the text that follows, and no name needs them."""
_BREAKS: Final = (*range(0x20), *range(0x7F, 0xA0), *range(0xD800, 0xE000), 0x2028, 0x2029)
"""Control characters, halves of surrogate pairs, line and paragraph separators."""
_IN_ONE_LINE: Final = dict.fromkeys(map(ord, _TURNS)) | dict.fromkeys(_BREAKS, " ")


def tidy_name(text: str) -> str | None:
    """The name as it is kept, of one that somebody else's program made: in NFC, on one line, cut to
    `MAX_NAME_CHARS`. None where it shows nothing."""
    # Joiners stay: names in Persian and in Indian scripts are spelt with them.
    name = " ".join(unicodedata.normalize("NFC", text).translate(_IN_ONE_LINE).split())
    if shows_nothing(name):
        return None
    if len(name) <= limits.MAX_NAME_CHARS:
        return name
    return name[: limits.MAX_NAME_CHARS - 1].rstrip() + "…"


def alike(name: str) -> str:
    """What names that look the same have in common: one is written in other letter case, with other forms of the same
    letters, with letters of another script that look like them, or with spaces and invisible characters in between."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold()).translate(_LOOKS_LIKE)
    return "".join(letter for letter in folded if is_seen(letter) and not letter.isspace())


_LOOKS_LIKE: Final = str.maketrans(
    # Cyrillic, Greek, Armenian, then Latin itself: in small letters, each as one of its two cases looks. Where the
    # cases look like two letters (Greek nu: N and v), the capital's is taken, since letter case must not count.
    "авегзіјкмнорстухѕһӏԁԛԝѵ" + "αβγεζηικμνορτυχ" + "հոսօցզ" + "01|iıɑɡɩ",  # noqa: RUF001 (they are meant)
    "aber3ljkmhopctyxshldqwv" + "abyezhlkmnoptyx" + "hnuogq" + "ollllagl",
)
"""Of the pairs that Unicode calls confusable those by which a Latin name is passed off with other keyboards that people
have."""


_PLAIN: Final = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "\u0131": "i"})
"""Letters that are no base letter with a mark, and are typed without it all the same."""


def searchable(text: str) -> str:
    """The text as a search sees it, without case and accents: `Łódź` and `lodz` are the same."""
    if text.isascii():
        # The same, and many times as fast.
        return text.lower()
    bare = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in bare if not unicodedata.combining(letter)).translate(_PLAIN)
