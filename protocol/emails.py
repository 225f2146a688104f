"""Which addresses mail can be sent to: a dot-atom and a domain (RFC 5321 4.1.2), in letters of any alphabet (RFC
6531).

No address literals and no quoted local parts: hardly anybody has one, and nothing of an address must ever be able to
end a header or a command.
"""

import unicodedata
from typing import Final

MAX_CHARS: Final = 320
_MOST_LOCAL_BYTES: Final = 64
"""RFC 5321 4.5.3.1.1."""
_MOST_LABEL_CHARS: Final = 63
_SPECIAL: Final = frozenset('()<>@,;:\\"[]')
"""RFC 5322 3.2.3, without the dot."""


def is_email(text: str) -> bool:
    """Whether it is an address of that kind."""
    local, _, domain = text.rpartition("@")
    return (
        len(text) <= MAX_CHARS
        and len(local.encode("utf-8", "replace")) <= _MOST_LOCAL_BYTES
        and all(part and _is_plain(part) for part in local.split("."))
        and all(_is_label(label) for label in domain.split("."))
    )


def domain_of(address: str) -> str:
    """What stands behind the @, in small letters."""
    return address.rpartition("@")[2].lower()


def _is_plain(part: str) -> bool:
    """Of characters that are seen: no white space, no control or format characters, no halves of pairs."""
    return not any(character in _SPECIAL or unicodedata.category(character)[0] in "CZ" for character in part)


def _is_label(label: str) -> bool:
    return (
        0 < len(label) <= _MOST_LABEL_CHARS
        and label[0] != "-"
        and label[-1] != "-"
        and all(
            character == "-" or character.isalnum() or unicodedata.category(character)[0] == "M" for character in label
        )
    )
