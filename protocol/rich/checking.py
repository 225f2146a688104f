"""Whether a text is rich text in its one form."""

import re
from typing import Final, Literal

from protocol.rich.grammar import FORBIDDEN, INSIDE, LINES, MARKS, MAX_NESTING, NESTING
from protocol.rich.reading import text_of
from protocol.seen import shows

Fault = Literal["attribute", "character", "element", "empty", "misplaced", "nesting", "reference", "unclosed"]
"""The first thing that is wrong."""

_TOKEN: Final = re.compile(r"<(/?)([a-z][a-z0-9-]*)>|[^<]+")
_LIKE_TAG: Final = re.compile(r"</?([A-Za-z][A-Za-z0-9-]*)(?=[\s/>]|$)")
_FORBIDDEN: Final = re.compile(f"[{FORBIDDEN}]")
_REFERENCE: Final = re.compile(r"&(?!(?:amp|lt|gt);)|>")
_BREAKS: Final = re.compile(r"[\t\n]")
_MARKS: Final = frozenset(MARKS)


def check(markup: str) -> Fault | None:
    """What is wrong with it; nil: it is rich text. The empty text is. Time grows with the length alone."""
    if not markup:
        return None
    if _FORBIDDEN.search(markup):
        return "character"
    return _shape(markup) or (None if shows(text_of(markup)) else "empty")


def _shape(markup: str) -> Fault | None:
    open_: list[str] = [""]
    filled: list[bool] = [False]
    nesting, end = 0, 0
    for found in _TOKEN.finditer(markup):
        if found.start() != end:
            return _not_a_tag(markup[end:])
        end = found.end()
        closing, tag = found.groups()
        parent = open_[-1]
        if tag is None:
            fault = _characters(found.group(), parent)
            if fault is not None:
                return fault
            filled[-1] = True
        elif closing:
            if tag != parent:
                return "unclosed" if tag in INSIDE else "element" if tag != "br" else "misplaced"
            if not filled[-1] and tag not in LINES:
                return "empty"
            open_.pop()
            filled.pop()
            nesting -= tag in NESTING
        else:
            fault = _opens(tag, parent, open_, is_first=not filled[-1])
            if fault is not None:
                return fault
            filled[-1] = True
            if tag != "br":
                open_.append(tag)
                filled.append(False)
                nesting += tag in NESTING
                if nesting > MAX_NESTING:
                    return "nesting"
    if end != len(markup):
        return _not_a_tag(markup[end:])
    return "unclosed" if len(open_) > 1 else None


def _opens(tag: str, parent: str, open_: list[str], *, is_first: bool) -> Fault | None:
    if tag not in INSIDE and tag != "br":
        return "element"
    if tag not in INSIDE[parent] or (parent == "li" and is_first and tag != "p"):
        return "misplaced"
    # No more than seven marks are open, as none is in itself.
    return "misplaced" if tag in _MARKS and tag in open_ else None


def _characters(text: str, parent: str) -> Fault | None:
    if _REFERENCE.search(text):
        return "reference"
    if parent == "pre":
        return None
    if parent not in LINES and parent not in _MARKS:
        return "misplaced"
    return "character" if _BREAKS.search(text) else None


def _not_a_tag(rest: str) -> Fault:
    """What is wrong where something begins with `<` and is no tag of ours."""
    named = _LIKE_TAG.match(rest)
    if named is None:
        return "reference"
    return "attribute" if named[1] in INSIDE or named[1] == "br" else "element"
