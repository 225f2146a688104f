"""Marks for points on a picture."""

from collections.abc import Sequence

from protocol.content import Point
from protocol.limits import MAX_ANSWER_OPTIONS
from protocol.marking.areas import is_inside


def mark_points(asked: Point, points: Sequence[tuple[int, int]]) -> int:
    """Thousandths of a point, before the floor and the ceiling."""
    found: set[int] = set()
    elsewhere = 0
    for x, y in points:
        area = next((place for place, area in enumerate(asked.areas) if is_inside(area, x, y)), None)
        if area is None:
            elsewhere += 1
        else:
            found.add(area)
    outside = elsewhere * (asked.elsewhere_mpt - asked.wrong_mpt)
    worth = [asked.areas[place].worth_mpt for place in found]
    if None in worth:
        return asked.points_mpt * min(len(found), _shares(asked)) // _shares(asked) + outside
    return sum(one for one in worth if one is not None) + outside


def _shares(asked: Point) -> int:
    return min(len(asked.areas), _most(asked))


def _most(asked: Point) -> int:
    return MAX_ANSWER_OPTIONS if asked.max_choices is None else asked.max_choices


def best_of_points(asked: Point) -> int:
    """What the best answer is worth, before the ceiling."""
    return sum(one for one in sorted(_each(asked), reverse=True)[: _most(asked)] if one > 0)


def lowest_of_points(asked: Point) -> int:
    """What the worst answer is worth, before the floor."""
    return sum(one for one in sorted(_each(asked))[: _most(asked)] if one < 0)


def _each(asked: Point) -> list[int]:
    """What a point can be worth: of each area once, and elsewhere as often as one likes."""
    areas = [one.worth_mpt for one in asked.areas if one.worth_mpt is not None]
    return [*areas, *[asked.elsewhere_mpt - asked.wrong_mpt] * _most(asked)]
