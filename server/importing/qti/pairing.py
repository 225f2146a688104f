"""Putting together: `matchInteraction`, `gapMatchInteraction`, `associateInteraction`, and the same on a picture."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import product
from typing import Final, NamedTuple

from protocol.content import Interaction, PairWorth
from protocol.content.interactions import Sides
from protocol.messages.base import Pair, PartValue
from server.importing.faults import ImportFault
from server.importing.qti.asked import MAX_TRIED, Asked, Worth, best_of, by_chance, mpt, says_the_same
from server.importing.qti.declarations import Declaration, correct_values
from server.importing.qti.values import Pair as TheirPair
from server.importing.qti.values import Single, Value

_MAX_BESIDE: Final = 200
_MAX_WORTHS: Final = 1_000
Pairs = tuple[Pair, ...]
Worths = list[tuple[PartValue, Fraction]]


class PairKey(NamedTuple):
    """The fields of an interaction whose answer is pairs."""

    points_mpt: int
    correct: list[Pair]
    weights: list[PairWorth]
    default_mpt: int = 0
    wrong_mpt: int = 0
    min_mpt: int | None = None
    partial: str = "none"


class AskedPairs(Asked):
    """Pairs of `sides` are made, `limit` at most. `names` are the item's own names by ours, of both sides. `make` makes
    the interaction with its key, `partials` are what credit for a part of the pairs it can give."""

    def __init__(
        self,
        response_id: str,
        declared: Declaration,
        sides: Sides,
        names: tuple[dict[str, str], dict[str, str]],
        limit: int | None,
        make: Callable[[PairKey], Interaction],
        partials: Sequence[str] = ("none",),
    ) -> None:
        super().__init__(response_id, declared)
        self._partials = partials
        self._sides = sides
        self.names = names
        self._limit = 1 if declared.cardinality == "single" else limit
        self._make = make
        self._said = set(_named(correct_values(declared)))
        if declared.mapping is not None:
            self._said |= set(_named(entry.key for entry in declared.mapping.entries))

    def tried(self) -> list[PartValue]:
        return [list(pairs) for pairs in some_pairings(self._sides, self._right(), self._limit)]

    def _ours(self, values: Iterable[Single]) -> list[Pair]:
        sources, targets = ({theirs: own for own, theirs in names.items()} for names in self.names)
        found: list[Pair] = []
        for first, second in _named(values):
            if first in sources and second in targets:
                found.append((sources[first], targets[second]))
            elif second in sources and first in targets:
                found.append((sources[second], targets[first]))
        return found

    def _right(self) -> list[Pair]:
        return list(dict.fromkeys(self._ours(correct_values(self.declared))))

    def right(self) -> list[PartValue]:
        right = self._right()
        return [list(right)] if right else []

    def value(self, part: PartValue) -> Value:
        written: list[str] = []
        for first, second in pairs_of(part):
            one, other = self.names[0][first], self.names[1][second]
            # Where no direction is meant, or where an item writes them the other way round, its own way counts.
            written.append(f"{other} {one}" if (other, one) in self._said else f"{one} {other}")
        return self.read(written)

    def keyed(self, worth: Worth) -> Interaction:
        worths: Worths = [(part, worth(part)) for part in self.tried()]
        best = best_of(worths)
        lowest = min(found for _, found in worths)
        right = [part for part, found in worths if found == best]
        others = {found for _, found in worths if found != best}
        for partial in self._partials if len(right) == 1 else ():
            wrong = -min(others, default=Fraction(0)) if partial == "none" else Fraction(0)
            declared = self._right()
            correct = declared if set(declared) == set(pairs_of(right[0])) else pairs_of(right[0])
            key = PairKey(mpt(best), correct, [], wrong_mpt=mpt(max(Fraction(0), wrong)), partial=partial)
            made = self._make(key)
            if says_the_same(made, worths):
                return made
        for weights, default in self._possible_weights(worths, best):
            rounded = _made_whole({pair: mpt(found) for pair, found in weights.items()}, mpt(best))
            correct = [pair for pair, found in rounded.items() if found > 0]
            listed = [PairWorth(pair, found) for pair, found in rounded.items()]
            floor = mpt(lowest) if lowest < 0 else None
            made = self._make(PairKey(mpt(best), correct, listed[:_MAX_WORTHS], mpt(default), min_mpt=floor))
            if correct and len(listed) <= _MAX_WORTHS and says_the_same(made, worths):
                return made
        raise ImportFault("Its response processing gives points for pairs in a way that no key here does.")

    def _possible_weights(self, worths: Worths, best: Fraction) -> Iterator[tuple[dict[Pair, Fraction], Fraction]]:
        mapping = self.declared.mapping
        if mapping is not None:
            mapped = {pair: entry.worth for entry in mapping.entries for pair in self._ours([entry.key])}
            yield mapped, mapping.default
            most = sum((found for found in mapped.values() if found > 0), Fraction(0))
            if most:
                share = best / most
                yield {pair: found * share for pair, found in mapped.items()}, mapping.default * share
        alone = {pairs_of(part)[0]: found for part, found in worths if len(part) == 1}
        good = {pair: found for pair, found in alone.items() if found > 0}
        yield {pair: found for pair, found in alone.items() if found}, Fraction(0)
        # A bound from below hides what a wrong pair takes away; beside right ones it is seen.
        whole = sum(good.values(), Fraction(0))
        taken = [
            found - whole for part, found in worths if set(pairs_of(part)) > set(good) and len(part) == len(good) + 1
        ]
        if taken:
            yield good, min(taken)


def _named(values: Iterable[Single]) -> list[tuple[str, str]]:
    """Values as two names each: some items declare pairs as texts."""
    found = [value if isinstance(value, TheirPair) else tuple(str(value).split()) for value in values]
    return [(pair[0], pair[1]) for pair in found if len(pair) == 2]


def pairs_of(part: PartValue) -> list[Pair]:
    """An answer that is pairs."""
    return [one for one in part if not isinstance(one, str)]


def _made_whole(weights: dict[Pair, int], best_mpt: int) -> dict[Pair, int]:
    """Weights that are rounded make the points of the best answer together."""
    good = [pair for pair, weight in weights.items() if weight > 0]
    lacking = best_mpt - sum(weights[pair] for pair in good)
    if good and 0 < abs(lacking) <= len(good):
        return {**weights, good[-1]: weights[good[-1]] + lacking}
    return weights


def some_pairings(sides: Sides, right: Sequence[Pair], limit: int | None) -> list[Pairs]:
    """Answers that keep all limits: single pairs, the right ones, what is near them, and some by chance, the same each
    time."""
    sources = [option.option_id for option in sides.sources]
    targets = [option.option_id for option in sides.targets]
    possible: list[Pair] = [(one, other) for one, other in product(sources, targets)]
    if sides.is_one:
        possible = [(one, other) for one, other in possible if sources.index(one) < sources.index(other)]
    else:
        possible = [pair for pair in possible if pair not in right] + [pair for pair in right if pair in possible]
    chance = by_chance(len(possible))
    if len(possible) > MAX_TRIED // 2:
        possible = [*chance.sample(possible, MAX_TRIED // 2), *right]
    known = list(dict.fromkeys(possible))
    if not known:
        raise ImportFault("There is nothing to put together.")
    found: list[Pairs] = [(pair,) for pair in known]
    whole = tuple(right)
    found += [whole, *[tuple(one for one in whole if one != left) for left in whole[:_MAX_BESIDE]]]
    found += [tuple(one for one in whole[:count]) for count in range(1, min(len(whole), _MAX_BESIDE))]
    for pair in known[:_MAX_BESIDE]:
        found.append((*whole, pair))
        kept = [one for one in whole if one[0] != pair[0] and one[1] != pair[1]]
        found += [(*kept, pair), (*whole[:1], pair)]
    for _ in range(MAX_TRIED // 2):
        found.append(tuple(chance.sample(known, chance.randint(1, min(len(known), 1 + len(sources))))))
    # In whatever order it is given, an answer is one.
    sets = {frozenset(pairs): tuple(dict.fromkeys(pairs)) for pairs in found}
    return [pairs for pairs in sets.values() if pairs and _keeps_limits(pairs, sides, limit)]


def _keeps_limits(pairs: Pairs, sides: Sides, limit: int | None) -> bool:
    if limit is not None and len(pairs) > limit:
        return False
    uses = [Counter(pair[0] for pair in pairs), Counter(pair[1] for pair in pairs)]
    if sides.is_one:
        if len({frozenset(pair) for pair in pairs}) < len(pairs):
            return False
        uses = [uses[0] + uses[1]]
    return all(
        option.max_uses is None or used[option.option_id] <= option.max_uses
        for used, side in zip(uses, (sides.sources, sides.targets), strict=False)
        for option in side
    )
