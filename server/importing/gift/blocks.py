"""A GIFT file cut into its items: blank lines part them, and comments are left out."""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from server.importing.gift.escapes import find

_ID: Final = re.compile(r"\[id:\s*((?:\\.|[^\]\\])+)\]")
_TAG: Final = re.compile(r"\[tag:\s*((?:\\.|[^\]\\])+)\]")
_MAX_COMMENT_CHARS: Final = 2_000
"""In a longer comment nobody looks for ids and tags."""
_MAX_OPEN_LINES: Final = 100
"""Behind a blank line in an open brace: if it is not closed within these, it never is. Each such brace is looked for
again from the next item on."""
_CATEGORY: Final = "$CATEGORY:"


class Block(msgspec.Struct, frozen=True):
    """The text of one item, from the line `line` on, and what comments before it say. `is_open`: a brace was opened and
    not closed."""

    line: int
    text: str
    item_id: str | None = None
    tags: list[str] = []
    is_open: bool = False


def blocks(text: str) -> Iterator[Block]:
    """The items of a file. A blank line inside of braces parts nothing, unless the brace is never closed."""
    lines = text.splitlines()
    at = 0
    item_id: str | None = None
    tags: list[str] = []
    while at < len(lines):
        line = lines[at]
        if _is_comment(line):
            said = line[:_MAX_COMMENT_CHARS]
            found = _ID.search(said)
            item_id = item_id if found is None else found[1]
            tags += _TAG.findall(said)
            at += 1
        elif not line.strip():
            at += 1
        else:
            end, is_open = _end(lines, at)
            kept = [line for line in lines[at:end] if not _is_comment(line)]
            yield Block(at + 1, "\n".join(kept), item_id, tags, is_open)
            at, item_id, tags = end, None, []


def _end(lines: list[str], start: int) -> tuple[int, bool]:
    """The line behind the item that begins at `start`, and whether a brace of it stays open: until the end of the file,
    or until another one is opened behind a blank line."""
    if lines[start].lstrip().startswith(_CATEGORY):
        return start + 1, False
    inside, blank = False, None
    for at in range(start, len(lines)):
        if blank is not None and at - blank > _MAX_OPEN_LINES:
            return blank, True
        line = lines[at]
        if not line.strip():
            if not inside:
                return at, False
            blank = at if blank is None else blank
        elif not _is_comment(line):
            if blank is not None and _opens_first(line):
                return blank, True
            inside = _inside(line, inside=inside)
            blank = blank if inside else None
    return (len(lines) if blank is None else blank), inside


def _inside(line: str, *, inside: bool) -> bool:
    """Whether a brace is open at the end of the line."""
    at = 0
    while (at := find(line, "}" if inside else r"\{", at)) >= 0:
        inside = not inside
        at += 1
    return inside


def _opens_first(line: str) -> bool:
    at = find(line, "[{}]")
    return at >= 0 and line[at] == "{"


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("//")


def category(block: Block) -> str | None:
    """The path of a block that is a category; None: it is none."""
    text = block.text.strip()
    return text.removeprefix(_CATEGORY).strip() if text.startswith(_CATEGORY) else None
