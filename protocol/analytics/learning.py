"""Learning over several attempts of one candidate at a test."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from protocol.rest.analytics import Learning, Try
from protocol.statistics import PPM, rounded

_DAY_MS: Final = 24 * 60 * 60 * 1_000


def learned(tries: Sequence[Try]) -> Learning:
    """What the attempts come to, which are in their order."""
    shares = [one.share_ppm for one in tries]
    by_order = slope(list(range(len(shares))), shares)
    by_day = slope([one.started_ms for one in tries], shares)
    return Learning(
        tries=list(tries),
        per_attempt_ppm=None if by_order is None else rounded(by_order),
        per_day_ppm=None if by_day is None else rounded(by_day * _DAY_MS),
        gain_ppm=_gain(shares),
    )


def slope(places: Sequence[int], values: Sequence[int]) -> Fraction | None:
    """Of the straight line through the points by least squares. None: all places are the same."""
    count, total = len(places), sum(places)
    spread = count * sum(place * place for place in places) - total * total
    if not spread:
        return None
    together = count * sum(place * value for place, value in zip(places, values, strict=True)) - total * sum(values)
    return Fraction(together, spread)


def _gain(shares: Sequence[int]) -> int | None:
    """The normalised gain: (last - first) / (1 - first) (R. R. Hake, "Interactive-engagement versus traditional
    methods", American Journal of Physics 66, 1998)."""
    if len(shares) < 2 or shares[0] >= PPM:
        return None
    return rounded(Fraction((shares[-1] - shares[0]) * PPM, PPM - shares[0]))
