"""Marks for an order."""

from collections.abc import Sequence
from itertools import pairwise

from protocol.content import GraphicOrder, Order


def mark_order(asked: Order | GraphicOrder, order: Sequence[str]) -> int:
    """Thousandths of a point, before the floor."""
    if list(order) == asked.correct:
        return asked.points_mpt
    if asked.partial == "none":
        right, whole = 0, 1
    elif asked.partial == "places":
        right = sum(one == other for one, other in zip(order, asked.correct, strict=False))
        whole = len(asked.correct)
    else:
        right, whole = len(set(pairwise(order)) & set(pairwise(asked.correct))), len(asked.correct) - 1
    return asked.points_mpt * right // whole if right else -asked.wrong_mpt
