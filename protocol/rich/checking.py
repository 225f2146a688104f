"""Whether a text is rich text in its one form."""

import re
from typing import Final, Literal

from protocol.rich.grammar import FORBIDDEN, INSIDE, LINES, MARKS, MAX_NESTING, NESTING
from protocol.rich.reading import text_of
from protocol.seen import shows

Fault = Literal["attribute", "character", "element", "empty", "misplaced", "nesting", "reference", "unclosed"]

_FORBIDDEN: Final = re.compile(f"[{FORBIDDEN}]")
_REFERENCE: Final = re.compile("&(?!(?:amp|lt|gt);)")
_TAG: Final = re.compile("(<[^<>]*>)")
_LIKE_TAG: Final = re.compile(r"</?([A-Za-z][A-Za-z0-9-]*)[\s/>]")
_STRAY: Final = re.compile("[<>]")
_BREAK: Final = re.compile(r"[\t\n]")
_OPENING: Final = {f"<{name}>": name for name in INSIDE if name}
_CLOSING: Final = {f"</{name}>": name for name in INSIDE if name}
_TEXT_IN: Final = LINES | frozenset(MARKS)


def check(markup: str) -> Fault | None:
    """What is wrong with it; nil: it is rich text. The empty text is. Time grows with the length alone."""
    if not markup:
        return None
    if _FORBIDDEN.search(markup):
        return "character"
    if _REFERENCE.search(markup):
        return "reference"
    return _shape(markup) or (None if shows(text_of(markup)) else "empty")


def _shape(markup: str) -> Fault | None:
    """Texts and tags stand in turns: each text is looked at, then the tag behind it."""
    pieces = _TAG.split(markup)
    tags = len(pieces) // 2
    # Asked of all at once: most texts have neither.
    strays = markup.count("<") != tags or markup.count(">") != tags
    breaks = _BREAK.search(markup) is not None
    open_, filled, nesting = [""], False, 0
    for at, piece in enumerate(pieces):
        parent = open_[-1]
        if not at % 2:
            if not piece:
                continue
            if parent not in _TEXT_IN or (strays and _STRAY.search(piece)):
                return "reference" if strays and _STRAY.search(piece) else "misplaced"
            if breaks and parent != "pre" and _BREAK.search(piece):
                return "character"
            filled = True
        elif piece == "<br>":
            if "br" not in INSIDE[parent]:
                return "misplaced"
            filled = True
        elif (name := _OPENING.get(piece)) is not None:
            is_lost = name not in INSIDE[parent] or (parent == "li" and not filled and name != "p")
            # No more than seven marks are open, since none is in itself.
            if is_lost or (parent in _TEXT_IN and name in open_):
                return "misplaced"
            open_.append(name)
            filled = False
            nesting += name in NESTING
            if nesting > MAX_NESTING:
                return "nesting"
        elif (name := _CLOSING.get(piece)) is not None:
            if name != parent:
                return "unclosed"
            if not filled and name not in LINES:
                return "empty"
            open_.pop()
            filled = True
            nesting -= name in NESTING
        else:
            return _unknown(piece)
    return "unclosed" if len(open_) > 1 else None


def _unknown(tag: str) -> Fault:
    """What is wrong with what is no tag of ours."""
    named = _LIKE_TAG.match(tag)
    if named is None:
        return "reference"
    if tag == "</br>":
        return "misplaced"
    return "attribute" if named[1] in INSIDE or named[1] == "br" else "element"
