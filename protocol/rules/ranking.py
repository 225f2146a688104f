"""The leaderboard of a test: who has which rank among those who chose to stand on it."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Final

import msgspec

_WITHOUT_TIME: Final = 1
"""Of equal scores whoever has a time comes before whoever has none."""


class Contender(msgspec.Struct, frozen=True):
    """One candidate, with what counts of her. `number` is hers among all who stand there, `name` the pseudonym that she
    chose; nil: none. `attempt_id` is nil where no single attempt counts. `time_ms`: how long her clock ran in it; nil:
    nobody knows, or nobody asks."""

    user_id: str
    number: int
    name: str | None
    attempt_id: str | None
    score_mpt: int
    max_mpt: int
    time_ms: int | None = None


def ranked(contenders: Iterable[Contender], *, by_time: bool) -> list[tuple[int, Contender]]:
    """Everybody with her rank, the best first. Equal scores (as shares of what could be reached) have the same rank,
    and as many ranks behind it are left out. `by_time`: of equal scores the shorter time comes first."""
    in_order = sorted(contenders, key=lambda one: (_place(one, by_time=by_time), one.number))
    found: list[tuple[int, Contender]] = []
    for position, one in enumerate(in_order, 1):
        rank = position
        if found and _place(found[-1][1], by_time=by_time) == _place(one, by_time=by_time):
            rank = found[-1][0]
        found.append((rank, one))
    return found


def _place(one: Contender, *, by_time: bool) -> tuple[Fraction, int, int]:
    share = Fraction(one.score_mpt, one.max_mpt or 1)
    if not by_time:
        return -share, 0, 0
    return (-share, _WITHOUT_TIME, 0) if one.time_ms is None else (-share, 0, one.time_ms)
