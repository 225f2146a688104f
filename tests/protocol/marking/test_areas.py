"""Where a point is."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.content import Area
from protocol.marking.areas import is_inside


def area(shape: Any, *coords: int) -> Area:
    return Area(shape=shape, coords=list(coords))


@pytest.mark.parametrize(
    ("shape", "inside", "outside"),
    [
        (area("rect", 0, 0, 4, 2), [(0, 0), (4, 2), (2, 1)], [(5, 1), (2, 3), (-1, 0)]),
        (area("circle", 5, 5, 5), [(5, 0), (8, 9), (2, 1)], [(9, 9), (0, 0), (5, 11)]),
        (area("ellipse", 0, 0, 10, 5), [(10, 0), (0, 5), (6, 4)], [(7, 4), (0, 6), (10, 1)]),
        # A letter L.
        (area("poly", 0, 0, 2, 0, 2, 4, 6, 4, 6, 6, 0, 6), [(1, 1), (2, 2), (6, 5), (4, 4), (0, 6)], [(3, 3), (7, 5)]),
        # A star whose lines cross: its middle is outside by the count of edges.
        (area("poly", 50, 0, 80, 90, 0, 35, 100, 35, 20, 90), [(50, 10), (25, 80), (50, 35)], [(50, 50), (50, 80)]),
    ],
)
def test_a_border_belongs_to_its_area(
    shape: Area, inside: list[tuple[int, int]], outside: list[tuple[int, int]]
) -> None:
    assert all(is_inside(shape, x, y) for x, y in inside)
    assert not any(is_inside(shape, x, y) for x, y in outside)


corner = st.tuples(st.integers(-20, 20), st.integers(-20, 20))


@given(corners=st.lists(corner, min_size=3, max_size=3), point=corner)
def test_a_triangle_has_the_mixtures_of_its_corners(corners: list[tuple[int, int]], point: tuple[int, int]) -> None:
    (x1, y1), (x2, y2), (x3, y3) = corners
    twice = (x2 - x1) * (y3 - y1) - (x3 - x1) * (y2 - y1)
    if twice == 0:
        return
    x, y = point
    b = Fraction((x - x1) * (y3 - y1) - (x3 - x1) * (y - y1), twice)
    c = Fraction((x2 - x1) * (y - y1) - (x - x1) * (y2 - y1), twice)
    assert is_inside(area("poly", x1, y1, x2, y2, x3, y3), x, y) == (b >= 0 and c >= 0 and b + c <= 1)
