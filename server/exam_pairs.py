"""Questions of an exam file whose answer is pairs, or words of a text.

What stands in the tables is named by its id or its text. In the `text` of a gap match `{{name}}` is a gap; in that of a
hottext `{{the words}}` can be chosen, and get the letters a, b, c… as their ids.
"""

import re
from collections.abc import Sequence
from html import unescape
from typing import Any, Final

from msgspec.structs import replace

from protocol.content import Option, PairOption, PairWorth
from protocol.content.text import escaped, gaps, hots, plain_text
from server.exam_options import line, option_id
from server.exam_values import letters

_PLACE: Final = re.compile(r'<pd-response id="([^"]*)"></pd-response>')


def read_pairs(where: str, kind: str, read: dict[str, Any]) -> None:
    """Makes what was read of an interaction that is answered by pairs into its fields. Raises
    `Refused(invalid_test)`."""
    ends: tuple[Sequence[Option], Sequence[Option]]
    if kind == "match":
        ends = _used(where, read, "rows", "max_per_row", 1), _used(where, read, "columns", "max_per_column", None)
    else:
        choices = _used(where, read, "choices", "max_per_choice", 1)
        ends = choices, choices
        if "text" in read:
            read["text"] = _PLACE.sub(r'<pd-gap id="\1"></pd-gap>', read["text"])
            # An author says for a gap what goes into it; a pair is a choice and its gap.
            ends = [Option(name, name) for name in gaps(read["text"])], choices
    turned = kind == "gap_match"
    if "correct" in read:
        read["correct"] = [_found(where, "correct", ends, pair, turned) for pair in read["correct"]]
    if "weights" in read:
        read["weights"] = [
            PairWorth(_found(where, "weights", ends, pair, turned), worth) for *pair, worth in read["weights"]
        ]
    for field in ("rows", "columns", "choices"):
        if field in read:
            read[field] = [replace(option, body=line(where, field, option.body)) for option in read[field]]


def _used(where: str, read: dict[str, Any], field: str, limit: str, usual: int | None) -> list[PairOption]:
    """The options of a field, with how often each may be used."""
    listed: list[Option] = read.get(field, [])
    most = read.pop(limit, usual)
    if isinstance(most, dict):
        named = {option_id(where, limit, listed, name): uses for name, uses in most.items()}
    else:
        named = {option.option_id: most for option in listed}
    made = [PairOption(option.option_id, option.body, named.get(option.option_id, usual)) for option in listed]
    if field in read:
        read[field] = made
    return made


def _found(
    where: str, field: str, ends: tuple[Sequence[Option], Sequence[Option]], named: Sequence[str], turned: bool
) -> tuple[str, ...]:
    pair = [option_id(where, field, options, name) for options, name in zip(ends, named, strict=True)]
    return tuple(reversed(pair)) if turned else tuple(pair)


def read_hottext(where: str, read: dict[str, Any]) -> None:
    """The same of words that are chosen in a text."""
    count = 0

    def hot(found: re.Match[str]) -> str:
        nonlocal count
        count += 1
        return f'<pd-hot id="{letters(count - 1)}">{escaped(unescape(found[1]))}</pd-hot>'

    if "text" in read:
        read["text"] = _PLACE.sub(hot, read["text"])
    listed = [Option(name, plain_text(words)) for name, words in hots(read.get("text", ""))]
    if "correct" in read:
        read["correct"] = [option_id(where, "correct", listed, name) for name in read["correct"]]
    if "weights_mpt" in read:
        named = read["weights_mpt"].items()
        read["weights_mpt"] = {option_id(where, "weights", listed, name): worth for name, worth in named}
