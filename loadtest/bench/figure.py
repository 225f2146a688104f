"""One figure of a benchmark, beside what it should be."""

import statistics
from collections.abc import Iterable, Sequence

import msgspec


class Figure(msgspec.Struct, frozen=True):
    """`ratio`: to a bare server in the same round; nil: it is compared with none. `goal`: the most that the ratio may
    be, or the value where there is no ratio; with `is_least` the least. nil: the figure is only told, and `met` is nil
    too."""

    name: str
    value: float
    unit: str
    ratio: float | None
    goal: float | None
    met: bool | None
    is_least: bool = False

    @classmethod
    def at_most(cls, name: str, value: float, unit: str, goal: float) -> "Figure":
        """One that needs no other server beside it."""
        return _judged(name, value, unit, None, goal)

    @classmethod
    def times(cls, name: str, value: float, unit: str, bare: float, goal: float) -> "Figure":
        """One that may be at most `goal` times that of the bare server."""
        return _judged(name, value, unit, round(value / bare, 3) if bare else None, goal)

    @classmethod
    def times_at_least(cls, name: str, value: float, unit: str, bare: float, goal: float) -> "Figure":
        """One that must be at least `goal` times that of the bare server."""
        return _judged(name, value, unit, round(value / bare, 3) if bare else None, goal, is_least=True)

    @classmethod
    def told(cls, name: str, value: float, unit: str) -> "Figure":
        """One without a goal."""
        return _judged(name, value, unit, None, None)


def _judged(
    name: str, value: float, unit: str, ratio: float | None, goal: float | None, *, is_least: bool = False
) -> Figure:
    counted = value if ratio is None else ratio
    met = None if goal is None else counted >= goal if is_least else counted <= goal
    return Figure(name, value, unit, ratio, goal, met, is_least)


def medians(rounds: Iterable[Sequence[Figure]]) -> list[Figure]:
    """The middle one of each figure over all rounds. A ratio is the middle one of the ratios, each of which was taken
    within its round."""
    return [_median(figures) for figures in zip(*rounds, strict=True)]


def _median(figures: Sequence[Figure]) -> Figure:
    first = figures[0]
    ratios = [figure.ratio for figure in figures if figure.ratio is not None]
    value = _middle([figure.value for figure in figures])
    return _judged(
        first.name, value, first.unit, _middle(ratios) if ratios else None, first.goal, is_least=first.is_least
    )


def _middle(values: Sequence[float]) -> float:
    return round(statistics.median(values), 3)
