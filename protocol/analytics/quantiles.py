"""Quantiles and means of whole numbers, rounded once, halves away from zero."""

from collections.abc import Sequence
from fractions import Fraction

from protocol.statistics import rounded


def quantile(in_order: Sequence[int], part: Fraction) -> int | None:
    """The value that this part of the sample lies below: definition 7 of R. J. Hyndman and Y. Fan, "Sample quantiles in
    statistical packages", The American Statistician 50, 1996. None: the sample is empty."""
    if not in_order:
        return None
    place = (len(in_order) - 1) * part
    below = int(place)
    above = min(below + 1, len(in_order) - 1)
    return rounded(in_order[below] + (in_order[above] - in_order[below]) * (place - below))


def quartiles(values: Sequence[int]) -> tuple[int | None, int | None, int | None]:
    """(lower, median, upper)"""
    in_order = sorted(values)
    lower, median, upper = (quantile(in_order, Fraction(number, 4)) for number in (1, 2, 3))
    return lower, median, upper


def mean(values: Sequence[int]) -> int | None:
    """None: there is nothing."""
    return rounded(Fraction(sum(values), len(values))) if values else None
