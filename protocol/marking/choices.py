"""Marks for chosen options."""

from collections.abc import Set

from protocol.content import Hottext, MultipleChoice, OneOf
from protocol.content.text import hots

Several = MultipleChoice | Hottext
"""Any set of what is there is chosen."""


def mark_one(asked: OneOf, chosen: str) -> int:
    """Thousandths of a point, before the floor."""
    if asked.weights_mpt:
        return asked.weights_mpt.get(chosen, 0)
    return asked.points_mpt if chosen == asked.correct else -asked.wrong_mpt


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
    if asked.weights_mpt:
        return sum(worth for worth in asked.weights_mpt.values() if worth < 0)
    if not asked.partial:
        return -asked.wrong_mpt
    return mark_several(asked, names_of(asked) - set(asked.correct))


def names_of(asked: OneOf | Several) -> frozenset[str]:
    """The ids of what can be chosen."""
    if isinstance(asked, Hottext):
        return frozenset(name for name, _ in hots(asked.text))
    return frozenset(option.option_id for option in asked.options)
