"""Marks by two persons: which answers need them, when they agree, and what markers call a candidate."""

from enum import IntEnum
from hashlib import blake2b
from typing import Final

from protocol.content import Rules

_WHOLE: Final = 1_000
_LETTERS: Final = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
"""Without those that are easily taken for others."""
_ALIAS_CHARS: Final = 6


class Stage(IntEnum):
    """What an answer waits for: the first mark, the second one, or a decision between two that differ by too much."""

    FIRST = 1
    SECOND = 2
    DECISION = 3


def needs_second(rules: Rules, attempt_id: str, question_id: str) -> bool:
    """Whether this answer is marked by two persons. Which ones are in the sample is settled by their ids, so that it is
    the same for everybody who asks, and nobody's choice."""
    return _number_of("second", attempt_id, question_id) % _WHOLE < rules.second_marking_permille


def agreed(rules: Rules, first_mpt: int, second_mpt: int, max_mpt: int) -> int | None:
    """The mark that two markers come to: the mean, rounded to a thousandth of a point, halves up. None: they differ by
    more than the test's tolerance, and a third one decides."""
    if abs(first_mpt - second_mpt) * _WHOLE > rules.marking_tolerance_permille * max_mpt:
        return None
    return (first_mpt + second_mpt + 1) // 2


def alias_of(attempt_id: str) -> str:
    """What a candidate is called where markers are not to know her: the same each time, and nothing by which she could
    be found."""
    number = _number_of("alias", attempt_id)
    letters = []
    for _ in range(_ALIAS_CHARS):
        number, at = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[at])
    return "".join(letters)


def _number_of(*parts: str) -> int:
    return int.from_bytes(blake2b("\0".join(parts).encode(), digest_size=8).digest(), "big")
