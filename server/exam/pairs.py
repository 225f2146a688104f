"""Questions of an exam file whose answer is pairs, or words of a text.

What stands in the tables is named by its id or its text. In the `text` of a gap match `{{name}}` is a gap; in that of a
hottext `{{the words}}` can be chosen, and get the letters a, b, c… as their ids.
"""

import re
from collections.abc import Sequence
from html import unescape
from typing import Any, Final

from msgspec import structs
from msgspec.structs import replace

from protocol.content import Option, PairOption, PairSpot, PairWorth, Spot
from protocol.content.text import escaped, gaps, hots, plain_text
from server.exam.options import line, option_id
from server.exam.values import letters

PAIRING: Final = frozenset(("match", "gap_match", "associate", "graphic_gap_match", "graphic_associate"))
"""The types that are answered by pairs."""
_PLACE: Final = re.compile(r'<pd-response id="([^"]*)"></pd-response>')


def read_pairs(where: str, kind: str, read: dict[str, Any]) -> None:
    """Makes what was read of an interaction that is answered by pairs into its fields. Raises
    `Refused(invalid_test)`."""
    ends: tuple[Sequence[Option], Sequence[Option]]
    if kind == "match":
        ends = _used(where, read, "rows", "max_per_row", 1), _used(where, read, "columns", "max_per_column", None)
    elif kind == "graphic_associate":
        spots = _used_spots(where, read)
        ends = spots, spots
    else:
        choices = _used(where, read, "choices", "max_per_choice", 1)
        ends = choices, choices
        if kind == "graphic_gap_match":
            ends = _used_spots(where, read), choices
        if "text" in read:
            read["text"] = _PLACE.sub(r'<pd-gap id="\1"></pd-gap>', read["text"])
            # An author says for a gap what goes into it; a pair is a choice and its gap.
            ends = [Option(name, name) for name in gaps(read["text"])], choices
    turned = kind in ("gap_match", "graphic_gap_match")
    if "correct" in read:
        read["correct"] = [_found(where, "correct", ends, pair, turned) for pair in read["correct"]]
    if "weights" in read:
        read["weights"] = [
            PairWorth(_found(where, "weights", ends, pair, turned), worth) for *pair, worth in read["weights"]
        ]
    for field in ("rows", "columns", "choices"):
        if field in read:
            read[field] = [replace(option, body=line(where, field, option.body)) for option in read[field]]


def _used_spots(where: str, read: dict[str, Any]) -> list[Option]:
    """The spots, named by their labels, with how often each may be used."""
    spots: list[Spot] = read.get("spots", [])
    listed = [Option(spot.spot_id, spot.label) for spot in spots]
    uses = _uses(where, read, listed, "max_per_spot", 1)
    if spots:
        read["spots"] = [PairSpot(**structs.asdict(spot), max_uses=uses[spot.spot_id]) for spot in spots]
    return listed


def _uses(
    where: str, read: dict[str, Any], listed: Sequence[Option], limit: str, usual: int | None
) -> dict[str, int | None]:
    most = read.pop(limit, usual)
    every = dict.fromkeys((option.option_id for option in listed), usual if isinstance(most, dict) else most)
    named = most.items() if isinstance(most, dict) else ()
    return {**every, **{option_id(where, limit, listed, name): uses for name, uses in named}}


def _used(where: str, read: dict[str, Any], field: str, limit: str, usual: int | None) -> list[PairOption]:
    """The options of a field, with how often each may be used."""
    listed: list[Option] = read.get(field, [])
    uses = _uses(where, read, listed, limit, usual)
    made = [PairOption(option.option_id, option.body, uses[option.option_id]) for option in listed]
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
