"""How much HTML is looked at: reading it must take no longer than its length allows."""

import re
from typing import Final

from protocol.markup import EMPTY
from server.writing.faults import WritingFault

MAX_WRITTEN_CHARS: Final = 200_000
"""HTML that is looked at. A body has half of it at most; other programs write their markup at length."""
MAX_AMPERSANDS: Final = 10_000
"""The parser's time grows with the square of their number in one text: 10,000 take 10 ms, 400,000 take seconds."""
MAX_OPEN: Final = 1_000
"""Elements that are not closed. The parser looks through them for each `<li>`: 25,000 take a minute."""

_HALVES: Final = re.compile(r"[\ud800-\udfff]")
_TAGS: Final = re.compile(r"<(/?)([A-Za-z][^\s/>]*)")
_SCOPES: Final = frozenset(("caption", "td", "th", "table"))
"""An element inside of one of these is not closed by what stands outside of it."""


def check_bounds(html: str) -> None:
    """Raises `WritingFault` where the HTML is too long, or nests too deep, to be read."""
    if len(html) > MAX_WRITTEN_CHARS:
        raise WritingFault(f"The text has more than {MAX_WRITTEN_CHARS} characters, with its markup.")
    if html.count("&") > MAX_AMPERSANDS:
        raise WritingFault(f"The text has more than {MAX_AMPERSANDS} `&`.")
    if "\x00" in html:
        raise WritingFault("The text has a NUL character in it.")
    if _HALVES.search(html):
        raise WritingFault("The text has half of a character in it.")
    opened: list[str] = []
    for tag in _TAGS.finditer(html):
        name = tag[2].lower()
        if not tag[1]:
            if name not in EMPTY:
                opened.append(name)
                if len(opened) > MAX_OPEN:
                    raise WritingFault(f"The text has more than {MAX_OPEN} elements that are not closed.")
            continue
        for at in range(len(opened) - 1, -1, -1):
            if opened[at] == name:
                del opened[at:]
                break
            if opened[at] in _SCOPES and name not in _SCOPES:
                break
