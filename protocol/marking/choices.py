"""Marks for chosen options."""

from collections.abc import Set

from protocol.content import MultipleChoice, OneOf


def mark_one(asked: OneOf, chosen: str) -> int:
    """Thousandths of a point, before the floor."""
    if asked.weights_mpt:
        return asked.weights_mpt.get(chosen, 0)
    return asked.points_mpt if chosen == asked.correct else -asked.wrong_mpt


def mark_several(asked: MultipleChoice, chosen: Set[str]) -> int:
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


def lowest_of_several(asked: MultipleChoice) -> int:
    """What the worst choice is worth, before the floor."""
    if asked.weights_mpt:
        return sum(worth for worth in asked.weights_mpt.values() if worth < 0)
    if not asked.partial:
        return -asked.wrong_mpt
    return mark_several(asked, {option.option_id for option in asked.options} - set(asked.correct))
