"""Shapes on a picture: which points lie in them."""

from fractions import Fraction
from typing import Final, NamedTuple

from server.importing.faults import ImportFault
from server.importing.qti.values import Point, number

_COORDS: Final = {"rect": 4, "circle": 3, "ellipse": 4, "default": 0}
_MAX_COORDS: Final = 200


class Shape(NamedTuple):
    """A shape as HTML's image maps have it; the edge belongs to it."""

    kind: str
    coords: tuple[Fraction, ...]

    def holds(self, point: Point) -> bool:
        """Whether the point lies in it."""
        match self.kind, self.coords:
            case "rect", (x1, y1, x2, y2):
                return min(x1, x2) <= point.x <= max(x1, x2) and min(y1, y2) <= point.y <= max(y1, y2)
            case "circle", (x, y, r):
                return (point.x - x) ** 2 + (point.y - y) ** 2 <= r**2
            case "ellipse", (x, y, h, v):
                return ((point.x - x) / h) ** 2 + ((point.y - y) / v) ** 2 <= 1
            case "poly", coords:
                return _in_polygon(point, coords)
            case _:
                return self.kind == "default"


def read_shape(kind: str, written: str) -> Shape:
    """Raises `ImportFault` for what is no shape."""
    coords = tuple(number(part) for part in written.replace(",", " ").split()[: _MAX_COORDS + 1])
    is_right = len(coords) == _COORDS[kind] if kind in _COORDS else kind == "poly" and len(coords) >= 6
    if not is_right or (len(coords) % 2 and kind == "poly") or len(coords) > _MAX_COORDS:
        raise ImportFault(f"The shape {kind[:20]!r} with the coordinates {written[:60]!r} is none.")
    if kind == "ellipse" and 0 in coords[2:]:
        raise ImportFault("An ellipse has no extent.")
    return Shape(kind, coords)


def _in_polygon(point: Point, coords: tuple[Fraction, ...]) -> bool:
    corners = list(zip(coords[::2], coords[1::2], strict=True))
    is_inside = False
    for (x1, y1), (x2, y2) in zip(corners, corners[1:] + corners[:1], strict=True):
        across = (x2 - x1) * (point.y - y1) - (y2 - y1) * (point.x - x1)
        if across == 0 and min(x1, x2) <= point.x <= max(x1, x2) and min(y1, y2) <= point.y <= max(y1, y2):
            return True
        if (y1 > point.y) != (y2 > point.y) and (across > 0) == (y2 > y1):
            is_inside = not is_inside
    return is_inside
