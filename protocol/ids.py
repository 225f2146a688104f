"""What an id may be: of a test, a question, an option, a form, a user, an organisation.

Ids stand in links, tables and logs, where people compare them by eye. So two ids that look alike are one id, or one of
them is refused. Letter case counts: `Ada` and `ada` are two users.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from protocol import limits

_INVISIBLE: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]"
)
"""Characters that show nothing although Unicode calls them letters, marks, symbols, or nothing yet."""
_STEPS: Final = re.compile(r"[/\\]")
_PLAIN: Final = re.compile(r"(?!\.\.?\Z)[!-.0-\[\]-~]+(?: [!-.0-\[\]-~]+)*").fullmatch
"""Nearly every id: letters and signs of ASCII without a slash. To check it character by character costs more than all
else of a token."""
_NO_TEXT: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Categories of control and format characters, halves of surrogate pairs, line and paragraph separators."""


def is_seen(character: str) -> bool:
    """Whether the character shows anything, or is a space."""
    return unicodedata.category(character) not in _NO_TEXT and not _INVISIBLE.match(character)


def normalize_id(text: str) -> str:
    """The one Unicode form of an id (NFC): the same letters are the same id, however they were composed."""
    return unicodedata.normalize("NFC", text)


def read_id(text: str) -> str:
    """An id in its one form. Raises `ValueError` with the rest of a sentence that begins with the field's name."""
    if len(text) <= limits.MAX_ID_CHARS and _PLAIN(text):
        return text
    found = normalize_id(text)
    if not found.strip():
        raise ValueError("must not be empty")
    if len(found) > limits.MAX_ID_CHARS:
        raise ValueError(f"must have at most {limits.MAX_ID_CHARS} characters")
    if found != found.strip():
        raise ValueError("must not begin or end with white space")
    for character in found:
        if not is_seen(character):
            raise ValueError(f"must not have an invisible character in it (U+{ord(character):04X})")
        if character.isspace() and character != " ":
            raise ValueError(f"must not have white space in it other than a space (U+{ord(character):04X})")
    if "  " in found:
        raise ValueError("must not have two spaces in a row")
    if any(step in (".", "..") for step in _STEPS.split(found)):
        # Browsers and proxies go up a path by these, however they are escaped: such an id could never be asked for.
        raise ValueError("must not be `.` or `..`, alone or between slashes")
    return found


def read_address_id(text: str) -> str:
    """As `read_id`, of what stands in an address beside other things: a test, a question, an option, a form, a group, a
    bulk act. Browsers and proxies take a slash for a step of the path. A user's id may have one."""
    found = read_id(text)
    if "/" in found or "\\" in found:
        raise ValueError("must not have a slash or backslash in it")
    return found


def find_twins(ids: Iterable[str]) -> tuple[str, str] | None:
    """Two of the ids that differ in letter case or composition alone; the same id twice is such a pair too."""
    seen: dict[str, str] = {}
    for found in ids:
        folded = normalize_id(normalize_id(found).casefold())
        if folded in seen:
            return seen[folded], found
        seen[folded] = found
    return None
