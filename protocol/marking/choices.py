"""Marks for chosen options."""

from collections.abc import Set

from protocol.content import Hotspot, Hottext, MultipleChoice, OneOf
from protocol.content.text import hots

Several = MultipleChoice | Hottext | Hotspot
"""Any set of what is there is chosen."""


def mark_one(asked: OneOf, chosen: str) -> int:
    """Thousandths of a point, before the floor."""
    if asked.weights_mpt:
        return asked.weights_mpt.get(chosen, 0)
    return asked.points_mpt if chosen == asked.correct else -asked.wrong_mpt


def mark_spots(asked: Hotspot, chosen: Set[str]) -> int:
    """Thousandths of a point, before the floor."""
    if asked.max_choices == 1 and not asked.weights_mpt:
        return asked.points_mpt if chosen <= set(asked.correct) else -asked.wrong_mpt
    return mark_several(asked, chosen)


def mark_several(asked: Several, chosen: Set[str]) -> int:
    """Thousandths of a point, before the floor."""
    if asked.weights_mpt:
        return sum(asked.weights_mpt.get(option_id, 0) for option_id in chosen)
    correct = frozenset(asked.correct)
    if not asked.partial:
        return asked.points_mpt if chosen == correct else -asked.wrong_mpt
    right, wrong = len(chosen & correct), len(chosen - correct)
    if asked.wrong_mpt:
        return asked.points_mpt * right // len(correct) - asked.wrong_mpt * wrong
    return asked.points_mpt * (right - wrong) // len(correct)


def lowest_of_several(asked: Several) -> int:
    """What the worst choice is worth, before the floor."""
    most = asked.max_choices
    if asked.weights_mpt:
        return sum(sorted(worth for worth in asked.weights_mpt.values() if worth < 0)[:most])
    if not asked.partial or (most == 1 and isinstance(asked, Hotspot)):
        return -asked.wrong_mpt
    return mark_several(asked, frozenset(sorted(names_of(asked) - set(asked.correct))[:most]))


def names_of(asked: OneOf | Several) -> frozenset[str]:
    """The ids of what can be chosen."""
    if isinstance(asked, Hottext):
        return frozenset(name for name, _ in hots(asked.text))
    if isinstance(asked, Hotspot):
        return frozenset(spot.spot_id for spot in asked.spots)
    return frozenset(option.option_id for option in asked.options)
