"""Choosing among options: `choiceInteraction` and `inlineChoiceInteraction`."""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import combinations
from typing import Final, NamedTuple

from protocol.content import InlineChoice, Interaction, SingleChoice, TrueFalse
from protocol.messages.base import PartValue
from server.importing.faults import ImportFault
from server.importing.qti.asked import MAX_TRIED, Asked, Worth, best_of, by_chance, mpt, says_the_same
from server.importing.qti.declarations import Declaration, correct_values
from server.importing.qti.options import Options
from server.importing.qti.values import Value

_ALL_TRIED: Final = 9
"""Options of which every set is tried."""
_STATEMENT: Final = [("true", "True"), ("false", "False")]
Worths = list[tuple[PartValue, Fraction]]


class AskedOne(Asked):
    """One option is chosen, `in_line` from a menu."""

    def __init__(self, response_id: str, declared: Declaration, options: Options, *, in_line: bool = False) -> None:
        super().__init__(response_id, declared)
        self._options = options
        self._in_line = in_line

    @property
    def tries_all(self) -> bool:
        return True

    def tried(self) -> list[PartValue]:
        return list(self._options.named)

    def right(self) -> list[PartValue]:
        found = [self._options.ours(str(name)) for name in correct_values(self.declared)]
        return [name for name in found if name is not None]

    def value(self, part: PartValue) -> Value:
        return self.read([self._options.named[str(part)]])

    def keyed(self, worth: Worth) -> Interaction:
        worths = [(name, worth(name)) for name in self._options.named]
        best = best_of([*worths])
        if self._is_statement():
            worth_of = dict(worths)
            is_true = worth_of["true"] == best
            other = worth_of["false" if is_true else "true"]
            if other <= 0:
                return TrueFalse(
                    response_id=self.response_id, points_mpt=mpt(best), correct=is_true, wrong_mpt=mpt(-other)
                )
        right = [name for name, found in worths if found == best]
        declared = [name for name in self.right() if name in right]
        is_plain = len(right) == 1 and all(found in (0, best) for _, found in worths)
        lowest = min(found for _, found in worths)
        return (InlineChoice if self._in_line else SingleChoice)(
            response_id=self.response_id,
            points_mpt=mpt(best),
            options=self._options.options,
            correct=str((declared or right)[0]),
            weights_mpt={} if is_plain else {name: mpt(found) for name, found in worths},
            min_mpt=mpt(lowest) if lowest < 0 else None,
            shuffle=self._options.shuffle,
            pinned=self._options.pinned,
        )

    def _is_statement(self) -> bool:
        """Whether it is true or false that is chosen, in these words: then the page has words of its own for them."""
        said = [(option.option_id, option.body) for option in self._options.options]
        return said == _STATEMENT and not self._in_line and not self._options.shuffle


class AskedSome(Asked):
    """Any of those in `named` are chosen, `limit` at most: the item's own names by ours. `make` makes the interaction
    with its key."""

    def __init__(
        self,
        response_id: str,
        declared: Declaration,
        named: dict[str, str],
        limit: int | None,
        make: Callable[["SetKey"], Interaction],
    ) -> None:
        super().__init__(response_id, declared)
        self._named = named
        self._limit = limit
        self._make = make

    @property
    def tries_all(self) -> bool:
        return len(self._named) <= _ALL_TRIED

    def tried(self) -> list[PartValue]:
        found = some_sets(list(self._named), self._rightly())
        return [list(chosen) for chosen in found if self._limit is None or len(chosen) <= self._limit]

    def _rightly(self) -> list[str]:
        ours = {theirs: own for own, theirs in self._named.items()}
        return [ours[str(name)] for name in correct_values(self.declared) if str(name) in ours]

    def right(self) -> list[PartValue]:
        rightly = self._rightly()
        return [list(rightly)] if rightly else []

    def value(self, part: PartValue) -> Value:
        return self.read([self._named[str(name)] for name in part])

    def keyed(self, worth: Worth) -> Interaction:
        worths: Worths = [(part, worth(part)) for part in self.tried()]
        mapping = self.declared.mapping
        mapped = {} if mapping is None else {name: mapping.worth(theirs) for name, theirs in self._named.items()}
        return key_for_sets(list(self._named), worths, mapped, self._make)


class SetKey(NamedTuple):
    """What sets of options are worth: the fields of an interaction of which some are chosen."""

    points_mpt: int
    correct: list[str]
    weights_mpt: dict[str, int]
    wrong_mpt: int = 0
    min_mpt: int | None = None


def key_for_sets(
    ids: Sequence[str], worths: Worths, mapped: dict[str, Fraction], make: Callable[[SetKey], Interaction]
) -> Interaction:
    """The key that gives these worths to these sets: all or nothing, or a weight for each option. `mapped` is what each
    is said to be worth."""
    best = best_of(worths)
    right = [part for part, worth in worths if worth == best]
    others = {worth for _, worth in worths if worth != best}
    if len(right) == 1 and len(others) <= 1 and max(others, default=Fraction(0)) <= 0:
        wrong = -min(others, default=Fraction(0))
        made = make(SetKey(mpt(best), [str(name) for name in right[0]], {}, mpt(wrong)))
        if says_the_same(made, worths):
            return made
    lowest = min(worth for _, worth in worths)
    for weights in _possible_weights(ids, worths, mapped, best):
        rounded = _made_whole({name: mpt(weight) for name, weight in weights.items()}, mpt(best))
        correct = [name for name in ids if rounded[name] > 0]
        made = make(SetKey(mpt(best), correct, rounded, 0, mpt(lowest) if lowest < 0 else None))
        if correct and says_the_same(made, worths):
            return made
    raise ImportFault("Its response processing gives points for sets of options in a way that no key here does.")


def _made_whole(weights: dict[str, int], best_mpt: int) -> dict[str, int]:
    """Weights that are rounded make the points of the best answer together."""
    good = [name for name, weight in weights.items() if weight > 0]
    lacking = best_mpt - sum(weights[name] for name in good)
    if good and 0 < abs(lacking) <= len(good):
        return {**weights, good[-1]: weights[good[-1]] + lacking}
    return weights


def _possible_weights(
    ids: Sequence[str], worths: Worths, mapped: dict[str, Fraction], best: Fraction
) -> Iterator[dict[str, Fraction]]:
    worth = {frozenset(map(str, part)): found for part, found in worths}
    if mapped:
        yield mapped
        most = sum((weight for weight in mapped.values() if weight > 0), Fraction(0))
        if most:
            yield {name: weight * best / most for name, weight in mapped.items()}
    alone = {name: worth.get(frozenset({name}), Fraction(0)) for name in ids}
    yield alone
    good = frozenset(name for name in ids if alone[name] > 0)
    for base in (good, frozenset(sorted(good, key=lambda name: -alone[name])[:1])):
        # A bound from below hides what a wrong option takes away; beside right ones it is seen.
        beside = {name: worth.get(base | {name}) for name in ids if name not in good}
        if base in worth:
            taken = {name: found - worth[base] for name, found in beside.items() if found is not None}
            yield {name: taken.get(name, alone[name]) for name in ids}


def some_sets(ids: list[str], right: list[str]) -> list[tuple[str, ...]]:
    """Sets of some of the ids, none of them empty: all where they are few; else the small ones, the large ones, what
    is near the right one, and some by chance, the same each time."""
    if len(ids) <= _ALL_TRIED:
        return [chosen for size in range(1, len(ids) + 1) for chosen in combinations(ids, size)]
    chance = by_chance(len(ids))
    found: list[tuple[str, ...]] = [*combinations(ids, 1), *list(combinations(ids, 2))[:200], tuple(ids)]
    found += [tuple(name for name in ids if name != left_out) for left_out in ids[:40]]
    if right:
        found.append(tuple(name for name in ids if name in right))
        found += [tuple(name for name in ids if (name in right) != (name == other)) for other in ids[:40]]
    while len(found) < MAX_TRIED:
        found.append(tuple(chance.sample(ids, chance.randint(1, len(ids)))))
    return list(dict.fromkeys(one for one in found if one))
