"""Marks for chosen options."""

from collections.abc import Set

from protocol.content import MultipleChoice, SingleChoice


def mark_one(question: SingleChoice, chosen: str) -> int:
    """Thousandths of a point, before the floor."""
    if question.weights_mpt:
        return question.weights_mpt.get(chosen, 0)
    return question.points_mpt if chosen == question.correct else -question.wrong_mpt


def mark_several(question: MultipleChoice, chosen: Set[str]) -> int:
    """Thousandths of a point, before the floor."""
    if question.weights_mpt:
        return sum(question.weights_mpt.get(option_id, 0) for option_id in chosen)
    correct = frozenset(question.correct)
    if not question.partial:
        return question.points_mpt if chosen == correct else -question.wrong_mpt
    right, wrong = len(chosen & correct), len(chosen - correct)
    if question.wrong_mpt:
        return question.points_mpt * right // len(correct) - question.wrong_mpt * wrong
    return question.points_mpt * (right - wrong) // len(correct)


def lowest_of_several(question: MultipleChoice) -> int:
    """What the worst choice is worth, before the floor."""
    if question.weights_mpt:
        return sum(worth for worth in question.weights_mpt.values() if worth < 0)
    if not question.partial:
        return -question.wrong_mpt
    return mark_several(question, {option.option_id for option in question.options} - set(question.correct))
