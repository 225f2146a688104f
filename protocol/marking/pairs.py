"""Marks for pairs."""

from collections.abc import Set

from protocol.content import Pairing
from protocol.content.interactions import most_pairs, undirected
from protocol.messages.base import Pair


def mark_pairs(asked: Pairing, pairs: list[Pair]) -> int:
    """Thousandths of a point, before the floor and the most."""
    sides = asked.sides
    given = frozenset(undirected(pairs, sides))
    if asked.weights:
        worth = dict(zip(undirected((one.pair for one in asked.weights), sides), asked.weights, strict=True))
        return sum(worth[pair].worth_mpt if pair in worth else asked.default_mpt for pair in given)
    correct = frozenset(undirected(asked.correct, sides))
    if given == correct:
        return asked.points_mpt
    match asked.partial:
        case "none":
            return -asked.wrong_mpt
        case "pairs":
            return _mark_each(asked, len(given & correct), len(given - correct), len(correct))
        case "rows":
            return _mark_groups(asked, given, correct, 0)
        case "gaps":
            return _mark_groups(asked, given, correct, 1)


def _mark_each(asked: Pairing, right: int, wrong: int, whole: int) -> int:
    if asked.wrong_mpt:
        return asked.points_mpt * right // whole - asked.wrong_mpt * wrong
    return asked.points_mpt * (right - wrong) // whole


def _mark_groups(asked: Pairing, given: Set[Pair], correct: Set[Pair], side: int) -> int:
    """Each row, or each gap, counts as a whole: it has the pairs of the key, or is wrong."""
    made, key = _grouped(given, side), _grouped(correct, side)
    right = sum(made.get(name) == pairs for name, pairs in key.items())
    wrong = sum(key.get(name) != pairs for name, pairs in made.items())
    return asked.points_mpt * right // len(key) - asked.wrong_mpt * wrong


def _grouped(pairs: Set[Pair], side: int) -> dict[str, set[Pair]]:
    groups: dict[str, set[Pair]] = {}
    for pair in pairs:
        groups.setdefault(pair[side], set()).add(pair)
    return groups


def lowest_of_pairs(asked: Pairing) -> int:
    """No answer is worth less than this, before the floor."""
    sides = asked.sides
    most = most_pairs(sides, asked.max_pairs)
    if asked.weights:
        named = sorted(one.worth_mpt for one in asked.weights if one.worth_mpt < 0)
        others = [asked.default_mpt] * most if asked.default_mpt < 0 else []
        return sum(sorted([*named, *others])[:most])
    match asked.partial:
        case "none":
            return -asked.wrong_mpt
        case "pairs":
            return _mark_each(asked, 0, most, len(asked.correct))
        case "rows":
            return -asked.wrong_mpt * len(sides.sources)
        case "gaps":
            return -asked.wrong_mpt * len(sides.targets)
