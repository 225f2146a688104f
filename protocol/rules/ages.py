"""Whether a clock is good enough to delete by: a wrong one makes everything look old."""

from enum import StrEnum
from typing import Final

from protocol.rules.retention import DAY_MS

MOST_LEAP_MS: Final = 7 * DAY_MS
"""A database that nobody has looked after for longer is deleted from only once an operator has said that the clock is
right. So a wrong clock makes things look at most this much older than they are."""
MOST_APART_MS: Final = 3_600_000
"""What two machines may differ in."""


class Doubt(StrEnum):
    """What speaks against the clock."""

    APART = "apart"
    LEAPT = "leapt"


def doubt(now_ms: int, *, known_ms: int | None, apart_ms: int) -> Doubt | None:
    """`known_ms`: the last instant at which the clock was found good; `apart_ms`: from the host's clock to the
    database's, where that has one of its own."""
    if abs(apart_ms) > MOST_APART_MS:
        return Doubt.APART
    if known_ms is not None and now_ms - known_ms > MOST_LEAP_MS:
        return Doubt.LEAPT
    return None
