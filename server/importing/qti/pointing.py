"""Points that are set on a picture: `selectPointInteraction`."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations
from typing import Final

from protocol.content import Interaction, Picture
from protocol.content import Point as AskedPoint
from protocol.content.interactions import WorthArea
from protocol.marking.areas import is_inside
from protocol.messages.base import Pair, PartValue
from server.importing.faults import ImportFault
from server.importing.qti.areas import as_area
from server.importing.qti.asked import Asked, Worth, best_of, mpt, says_the_same
from server.importing.qti.declarations import Declaration
from server.importing.qti.pairing import pairs_of
from server.importing.qti.values import Value

_GRID: Final = 12
_MAX_AREAS: Final = 12


class AskedPoints(Asked):
    """Points are set, `limit` at most and `least` at least, which refuses nothing."""

    def __init__(
        self, response_id: str, declared: Declaration, picture: Picture, limit: int | None, least: int = 0
    ) -> None:
        super().__init__(response_id, declared)
        self._picture = picture
        self._least = least
        self._limit = 1 if declared.cardinality == "single" else limit
        if declared.areas is None or not declared.areas.entries:
            raise ImportFault("No area of the picture is said to be right.")
        if len(declared.areas.entries) > _MAX_AREAS:
            raise ImportFault(f"More than {_MAX_AREAS} areas of the picture are right.")
        self._worth = [worth for _, worth in declared.areas.entries]
        self._areas: list[WorthArea] = []
        for shape, _ in declared.areas.entries:
            kind, coords = as_area(shape, picture)
            self._areas.append(WorthArea(shape=kind, coords=coords))

    def tried(self) -> list[PartValue]:
        inside = [_points_in(area, self._picture) for area in self._areas]
        firsts = [points[0] for points in inside if points]
        outside = [point for point in _grid(self._picture) if not any(_holds(area, point) for area in self._areas)]
        found: list[Sequence[Pair]] = [[point] for points in inside for point in points]
        found += [chosen for size in range(2, len(firsts) + 1) for chosen in combinations(firsts, size)][:300]
        found += [points[:2] for points in inside] + [[point] for point in outside[:20]]
        found += [[*firsts[:count], *outside[:2]] for count in range(len(firsts) + 1)]
        fitting = [list(dict.fromkeys(points)) for points in found]
        return [list(points) for points in fitting if points and (self._limit is None or len(points) <= self._limit)]

    def right(self) -> list[PartValue]:
        firsts = [points[0] for area in self._areas if (points := _points_in(area, self._picture))]
        return [list(firsts[: self._limit])]

    def value(self, part: PartValue) -> Value:
        return self.read([f"{first} {second}" for first, second in pairs_of(part)])

    def keyed(self, worth: Worth) -> Interaction:
        worths = [(part, worth(part)) for part in self.tried()]
        best = best_of(worths)
        lowest = min(found for _, found in worths)
        for shares, elsewhere in self._possible_shares(best):
            made = AskedPoint(
                response_id=self.response_id,
                picture=self._picture,
                points_mpt=mpt(best),
                areas=[
                    WorthArea(shape=area.shape, coords=area.coords, worth_mpt=None if share is None else mpt(share))
                    for area, share in zip(self._areas, shares, strict=True)
                ],
                min_choices=self._least,
                max_choices=self._limit,
                elsewhere_mpt=mpt(elsewhere),
                min_mpt=mpt(lowest) if lowest < 0 else None,
            )
            if says_the_same(made, worths):
                return made
        raise ImportFault("Its response processing gives points for places in a way that no key here does.")

    def _possible_shares(self, best: Fraction) -> Iterator[tuple[list[Fraction | None], Fraction]]:
        default = Fraction(0) if self.declared.areas is None else self.declared.areas.default
        yield [None] * len(self._worth), Fraction(0)
        yield [*self._worth], default
        most = sum((one for one in sorted(self._worth, reverse=True)[: self._limit] if one > 0), Fraction(0))
        if most:
            yield [one * best / most for one in self._worth], default * best / most


def _holds(area: WorthArea, point: Pair) -> bool:
    return is_inside(area, int(point[0]), int(point[1]))


def _grid(picture: Picture) -> list[Pair]:
    places = range(_GRID + 1)
    return [(str(picture.width * x // _GRID), str(picture.height * y // _GRID)) for x in places for y in places]


def _points_in(area: WorthArea, picture: Picture) -> list[Pair]:
    """Some points of an area, its edge among them."""
    coords = area.coords
    if area.shape in ("circle", "ellipse"):
        x, y, wide = coords[:3]
        found = [(x, y), (x + wide, y), (x, y + coords[-1])]
    elif area.shape == "rect":
        found = [((coords[0] + coords[2]) // 2, (coords[1] + coords[3]) // 2), (coords[0], coords[1])]
    else:
        corners = list(zip(coords[::2], coords[1::2], strict=True))
        middle = (sum(x for x, _ in corners) // len(corners), sum(y for _, y in corners) // len(corners))
        found = [middle, *corners[:2]]
    points: list[Pair] = [(str(x), str(y)) for x, y in found if 0 <= x <= picture.width and 0 <= y <= picture.height]
    return list(dict.fromkeys(point for point in points if _holds(area, point)))
