"""A histogram that costs next to nothing until it is read."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate


class Histogram:
    """Counts values by their upper bound. `observe` is a search in a short list and two additions."""

    __slots__ = ("_bounds", "_counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = tuple(bounds)
        self._counts = [0] * (len(self._bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        self._counts[bisect_left(self._bounds, value)] += 1
        self.total += value

    @property
    def count(self) -> int:
        return sum(self._counts)

    def buckets(self) -> list[tuple[str, float]]:
        """Upper bound → how many were at most that, as Prometheus wants it."""
        names = [*(format(bound, "g") for bound in self._bounds), "+Inf"]
        return list(zip(names, accumulate(self._counts), strict=True))
