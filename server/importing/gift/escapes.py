"""Characters that mean something in GIFT stand behind a backslash where they mean themselves."""

import re
from collections.abc import Iterator
from typing import Final

from server.importing.faults import ImportFault
from server.importing.gift.items import Format, Text

MAX_MARKED: Final = 1_000
"""Answers to one question: far more than one can have, so that it is said what is wrong with some too many."""

_ESCAPED: Final = re.compile(r"\\([\\:~=#{}\[\]n])")
_FORMAT: Final = re.compile(r"\s*\[(html|markdown|moodle|plain)\]")


def plain(text: str) -> str:
    """The text as it is meant: with its escapes taken out."""
    return _ESCAPED.sub(lambda found: "\n" if found[1] == "n" else found[1], text)


def find(text: str, wanted: str, start: int = 0) -> int:
    """Where one of these strings that is not escaped begins, from `start` on; -1: nowhere. `wanted` is a regular
    expression."""
    for found in re.compile(rf"\\.|{wanted}", re.DOTALL).finditer(text, start):
        if not found[0].startswith("\\"):
            return found.start()
    return -1


def split(text: str, wanted: str) -> tuple[str, str | None]:
    """What stands before the first unescaped `wanted`, a plain string, and behind it; None: there is none."""
    at = find(text, re.escape(wanted))
    return (text, None) if at < 0 else (text[:at], text[at + len(wanted) :])


def marked(text: str, marks: str) -> Iterator[tuple[str, str]]:
    """Each of the unescaped characters `marks` with what follows it, up to the next one. What stands before the first
    comes with a blank mark, unless it is blank. Raises `ImportFault` where there are far too many."""
    at, mark = 0, ""
    for _ in range(MAX_MARKED):
        end = find(text, f"[{marks}]", at)
        part = text[at:] if end < 0 else text[at:end]
        if mark or part.strip():
            yield mark, part
        if end < 0:
            return
        at, mark = end + 1, text[end]
    raise ImportFault(f"more than {MAX_MARKED} answers are given to one question")


def text_of(given: str, inherited: Format = "moodle") -> Text:
    """A text with the format that it begins with, or the inherited one. Ends of lines are kept in Markdown alone: in
    the other formats a text is wrapped where the author liked."""
    text = around_of(given, inherited)
    return Text(text.text.strip(), text.format)


def around_of(given: str, inherited: Format = "moodle") -> Text:
    """The same, with the white space at its ends, where a gap in the line stands before it or behind it."""
    found = _FORMAT.match(given)
    format_: Format = inherited if found is None else found[1]  # type: ignore[assignment]
    body = given if found is None else given[found.end() :]
    if format_ != "markdown":
        body = _unwrapped(body)
    return Text(plain(body), format_)


def _unwrapped(text: str) -> str:
    """The text in one line: a space for each end of a line, and for the white space around it."""
    first, *others = text.split("\n")
    if not others:
        return text
    *middle, last = others
    lines = [first.rstrip(), *(line.strip() for line in middle if line.strip()), last.lstrip()]
    return " ".join(lines)
