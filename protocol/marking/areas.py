"""Where a point is. With whole numbers, so that a border belongs to its area exactly."""

from collections.abc import Sequence
from itertools import pairwise

from protocol.content import Area


def is_inside(area: Area, x: int, y: int) -> bool:
    """Whether the point is in the area or on its border."""
    coords = area.coords
    match area.shape:
        case "rect":
            left, top, right, bottom = coords
            return left <= x <= right and top <= y <= bottom
        case "circle":
            centre_x, centre_y, radius = coords
            return (x - centre_x) ** 2 + (y - centre_y) ** 2 <= radius**2
        case "ellipse":
            centre_x, centre_y, wide, high = coords
            return ((x - centre_x) * high) ** 2 + ((y - centre_y) * wide) ** 2 <= (wide * high) ** 2
        case "poly":
            return _is_in_polygon(list(zip(coords[::2], coords[1::2], strict=True)), x, y)


def _is_in_polygon(corners: Sequence[tuple[int, int]], x: int, y: int) -> bool:
    """By the count of edges that a ray to the right crosses."""
    inside = False
    for (x1, y1), (x2, y2) in pairwise([*corners, corners[0]]):
        turn = (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)
        if turn == 0 and min(x1, x2) <= x <= max(x1, x2) and min(y1, y2) <= y <= max(y1, y2):
            return True
        if (y1 > y) != (y2 > y) and (turn > 0) == (y2 > y1):
            inside = not inside
    return inside


def check_area(area: Area, width: int, height: int) -> None:
    """Raises `ValueError` with the rest of a sentence about the area."""
    coords = area.coords
    wanted = {"rect": 4, "circle": 3, "ellipse": 4}.get(area.shape)
    if wanted is None:
        if len(coords) < 6 or len(coords) % 2:
            raise ValueError("needs three corners at least, each with two numbers")
        left, top, right, bottom = min(coords[::2]), min(coords[1::2]), max(coords[::2]), max(coords[1::2])
    elif len(coords) != wanted:
        raise ValueError(f"needs {wanted} numbers")
    elif area.shape == "rect":
        left, top, right, bottom = coords
    else:
        wide, high = coords[2], coords[-1]
        left, top, right, bottom = coords[0] - wide, coords[1] - high, coords[0] + wide, coords[1] + high
    if left >= right or top >= bottom:
        raise ValueError("has no inside")
    if right < 0 or bottom < 0 or left > width or top > height:
        raise ValueError("lies outside of the picture")
