"""Putting in order: `orderInteraction`."""

from collections.abc import Iterator
from itertools import islice, permutations
from typing import Final, Literal

from protocol.content import Interaction, Order
from protocol.messages.base import PartValue
from server.importing.faults import ImportFault
from server.importing.qti.asked import Asked, Worth, best_of, by_chance, mpt, says_the_same
from server.importing.qti.declarations import Declaration, correct_values
from server.importing.qti.options import Options
from server.importing.qti.values import Value

_ALL_TRIED: Final = 5
"""Options of which every order is tried."""
_SOME: Final = 200
_PARTIAL: Final[tuple[Literal["none", "places", "pairs"], ...]] = ("none", "places", "pairs")


class AskedOrder(Asked):
    """All options are put in order."""

    def __init__(self, response_id: str, declared: Declaration, options: Options) -> None:
        super().__init__(response_id, declared)
        self._options = options

    def tried(self) -> list[PartValue]:
        return [list(order) for order in some_orders(list(self._options.named), self._right())]

    def _right(self) -> list[str]:
        found = [self._options.ours(str(name)) for name in correct_values(self.declared)]
        order = [name for name in found if name is not None]
        return order if sorted(order) == sorted(self._options.named) else []

    def right(self) -> list[PartValue]:
        order = self._right()
        return [list(order)] if order else []

    def value(self, part: PartValue) -> Value:
        return self.read([self._options.named[str(name)] for name in part])

    def keyed(self, worth: Worth) -> Interaction:
        worths = [(part, worth(part)) for part in self.tried()]
        best = best_of(worths)
        right = [part for part, found in worths if found == best]
        for correct in right[:3]:
            for partial in _PARTIAL:
                made = Order(
                    response_id=self.response_id,
                    points_mpt=mpt(best),
                    options=self._options.options,
                    correct=[str(name) for name in correct],
                    partial=partial,
                )
                if says_the_same(made, worths):
                    return made
        raise ImportFault("Its response processing gives points for orders in a way that no key here does.")


def some_orders(ids: list[str], right: list[str]) -> Iterator[tuple[str, ...]]:
    """Orders of the ids, each once: all where they are few; else the right one, what is near it, and some by chance,
    the same each time."""
    if len(ids) <= _ALL_TRIED:
        yield from permutations(ids)
        return
    base = right or ids
    found = [tuple(base), tuple(reversed(base)), tuple(base[1:] + base[:1])]
    for place in range(len(base) - 1):
        order = list(base)
        order[place], order[place + 1] = order[place + 1], order[place]
        found.append(tuple(order))
    chance = by_chance(len(ids))
    found += [tuple(chance.sample(base, len(base))) for _ in range(_SOME)]
    yield from islice(dict.fromkeys(found), _SOME)
