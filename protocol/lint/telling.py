"""Ids that tell a key: papers have the ids, and whoever looks into what her browser gets reads them."""

import re
from collections.abc import Iterator
from typing import Final

from protocol.content import (
    GapMatch,
    GraphicGapMatch,
    GraphicOrder,
    Hottext,
    Interaction,
    Match,
    MultipleChoice,
    OneOf,
    Order,
    TestContent,
)
from protocol.lint.places import interactions
from protocol.marking.choices import names_of
from protocol.rest.lint import Finding

_FEW: Final = 4
"""Of fewer ids it would be chance too often that they stand in the order of the key."""
_GOOD: Final = re.compile(r"(?:correct|key)[-_ ]?\d{0,3}", re.IGNORECASE)
_BAD: Final = re.compile(r"(?:wrong|incorrect|distractor)[-_ ]?\d{0,3}", re.IGNORECASE)
_NUMBERS: Final = re.compile(r"(\d{1,9})")


def telling_ids(content: TestContent) -> Iterator[Finding]:
    """Ids by which one sees what is right without knowing it."""
    for place, asked in interactions(content):
        says = _told(asked)
        if says is not None:
            yield place.found("telling_ids", f"{says} Papers have the ids: choose others.")


def _told(asked: Interaction) -> str | None:
    match asked:
        case OneOf() | MultipleChoice() | Hottext():
            right = set(asked.right if isinstance(asked, OneOf) else asked.correct)
            others = names_of(asked) - right
            if any(map(_GOOD.fullmatch, right)) or any(map(_BAD.fullmatch, others)):
                return "Ids of options say whether they are right."
        case Order() | GraphicOrder():
            if _rises(asked.correct):
                return "The ids are in the order that is right."
        case Match() | GapMatch() | GraphicGapMatch():
            pairs = sorted(asked.correct, key=lambda pair: _natural(pair[0]))
            if len(pairs) > 1 and all(one.casefold() == other.casefold() for one, other in pairs):
                return "What belongs together has the same id."
            if _rises([one for one, _ in pairs]) and _rises([other for _, other in pairs]):
                return "The ids of both sides have the same order."
        case _:
            pass
    return None


def _rises(ids: list[str]) -> bool:
    """Whether ids stand in their own order, each once."""
    return len(ids) >= _FEW and len(set(ids)) == len(ids) and sorted(ids, key=_natural) == ids


def _natural(name: str) -> list[tuple[int, str]]:
    """In whose order `q10` stands behind `q9`."""
    parts = _NUMBERS.split(name.casefold())
    return [(int(part), "") if at % 2 else (-1, part) for at, part in enumerate(parts)]
