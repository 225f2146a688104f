"""Texts in which H5P marks words by asterisks: `Oslo is the capital of *Norway/Norge:a country*.`"""

import re
from collections.abc import Callable
from html import unescape
from typing import Final, NamedTuple

from protocol.content.text import escaped
from server.importing.drafts import option_id
from server.importing.faults import ImportFault

_MARKED: Final = re.compile(r"\*([^*<>]+)\*")
_TAG: Final = re.compile(r"(<[^>]*>)")
_TIP: Final = re.compile(r"(?<!\\):")
_SAID: Final = re.compile(r"\\[+-]")
_OR: Final = re.compile(r"(?<!\\)/")
_WORD: Final = re.compile(r"\*([^*]+)\*|[^\s*]+")
_END: Final = re.compile(r"[.,;:!?…]+$")
_MOST: Final = 26 * 27
"""Words or gaps in one text that are read: those that have ids of one letter or two. A question has fewer."""


class Solution(NamedTuple):
    """What is right in a gap, and what else was said there: a tip, or feedback."""

    texts: list[str]
    has_more: bool


def solution_of(marked: str) -> Solution:
    """What stands between two asterisks, as text."""
    said = _SAID.split(marked, maxsplit=1)
    found = _TIP.split(said[0], maxsplit=1)
    texts = [one.strip() for one in _OR.split(found[0])]
    texts = [one.replace("\\/", "/").replace("\\:", ":") for one in texts if one]
    if not texts:
        raise ImportFault("A gap has nothing that is right in it.")
    return Solution(texts, len(said) + len(found) > 2)


def with_gaps(body: str, gap: Callable[[str], str]) -> str:
    """A body with what `gap` gives for each marked text. Raises `ImportFault` for an asterisk without its other one."""
    parts = _MARKED.split(body, maxsplit=_MOST + 1)
    if len(parts) // 2 > _MOST:
        raise ImportFault("The text has too many gaps.")
    if any("*" in part for part in parts[::2]):
        raise ImportFault("An asterisk has no other one, or a tag stands between both.")
    return "".join(gap(unescape(part)) if at % 2 else part for at, part in enumerate(parts))


def with_words(body: str) -> tuple[str, list[str], int]:
    """A body whose words can be chosen, the ids of those that are marked as right, and how many words there are."""
    right: list[str] = []
    count = 0

    def chosen(found: re.Match[str]) -> str:
        nonlocal count
        if found[1] is not None and len(found[1].split()) != 1:
            raise ImportFault("Several words are marked as one.")
        end = None if found[1] is not None else _END.search(found[0])
        word = found[1] if found[1] is not None else found[0][: end.start() if end else None]
        if not word:
            return escaped(found[0])
        name = option_id(count)
        count += 1
        if count > _MOST:
            raise ImportFault("The text has too many words.")
        if found[1] is not None:
            right.append(name)
        return f'<pd-hot id="{name}">{escaped(word)}</pd-hot>{escaped(end[0]) if end else ""}'

    parts = _TAG.split(body)
    for at in range(0, len(parts), 2):
        text = unescape(parts[at])
        if "*" in _WORD.sub("", text):
            raise ImportFault("An asterisk has no other one, or a tag stands between both.")
        parts[at] = _WORD.sub(chosen, text)
    return "".join(parts), right, count
