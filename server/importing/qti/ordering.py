"""Putting in order: `orderInteraction`."""

from collections.abc import Callable, Iterator
from itertools import islice, permutations
from typing import Final, Literal

from protocol.content import Interaction
from protocol.messages.base import PartValue
from server.importing.faults import ImportFault
from server.importing.qti.asked import Asked, Worth, best_of, by_chance, mpt, says_the_same
from server.importing.qti.declarations import Declaration, correct_values
from server.importing.qti.values import Value

_ALL_TRIED: Final = 5
"""Options of which every order is tried."""
_SOME: Final = 200
Partial = Literal["none", "places", "pairs"]
_PARTIAL: Final[tuple[Partial, ...]] = ("none", "places", "pairs")


class AskedOrder(Asked):
    """All of those in `named` are put in order: the item's own names by ours. `make` makes the interaction of its
    points, its right order and what is worth a part of them."""

    def __init__(
        self,
        response_id: str,
        declared: Declaration,
        named: dict[str, str],
        make: Callable[[int, list[str], Partial], Interaction],
    ) -> None:
        super().__init__(response_id, declared)
        self._named = named
        self._make = make

    def tried(self) -> list[PartValue]:
        return [list(order) for order in some_orders(list(self._named), self._right())]

    def _right(self) -> list[str]:
        ours = {theirs: own for own, theirs in self._named.items()}
        order = [ours[str(name)] for name in correct_values(self.declared) if str(name) in ours]
        return order if sorted(order) == sorted(self._named) else []

    def right(self) -> list[PartValue]:
        order = self._right()
        return [list(order)] if order else []

    def value(self, part: PartValue) -> Value:
        return self.read([self._named[str(name)] for name in part])

    def keyed(self, worth: Worth) -> Interaction:
        worths = [(part, worth(part)) for part in self.tried()]
        best = best_of(worths)
        right = [part for part, found in worths if found == best]
        for correct in right[:3]:
            for partial in _PARTIAL:
                made = self._make(mpt(best), [str(name) for name in correct], partial)
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
