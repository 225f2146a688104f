"""What answers are worth, in QTI 3: declarations, and conditions that add to the score."""

from collections.abc import Sequence
from typing import NamedTuple

from protocol.points import spell_points
from server.exporting.elements import Element, qti


class Written(NamedTuple):
    """`declared` is the response declaration; `scored` what its answer is worth, as an expression or as conditions."""

    element: Element
    declared: Element
    scored: list[Element]


def declaration(name: str, cardinality: str, base: str, correct: Sequence[str], *mapping: Element) -> Element:
    """A response variable with its right answer, and what single values are worth."""
    said = [qti("correct-response", *(qti("value", text=one) for one in correct))] if correct else []
    return qti("response-declaration", *said, *mapping, identifier=name, cardinality=cardinality, base_type=base)


def bounds(mpt: int, min_mpt: int | None, worths: Sequence[int]) -> dict[str, str]:
    """Between what the sum of these worths is kept, for an interaction of so many points."""
    lower = None if min_mpt is None and any(worth < 0 for worth in worths) else min_mpt
    return {"lower_bound": spell_points(lower or 0), "upper_bound": spell_points(mpt)}


def give(mpt: int) -> Element:
    """SCORE := SCORE + these points."""
    worth = qti("base-value", text=spell_points(mpt), base_type="float")
    return qti("set-outcome-value", qti("sum", qti("variable", identifier="SCORE"), worth), identifier="SCORE")


def by_mapping(name: str, mapped: str = "map-response") -> list[Element]:
    """What the declaration says of each value."""
    found = qti("sum", qti("variable", identifier="SCORE"), qti(mapped, identifier=name))
    return [qti("set-outcome-value", found, identifier="SCORE")]


def by_match(name: str, mpt: int, wrong_mpt: int) -> list[Element]:
    """All of the points for the right answer, and what any other one takes away."""
    is_right = qti("match", qti("variable", identifier=name), qti("correct", identifier=name))
    return [qti("response-condition", qti("response-if", is_right, give(mpt)), *taken_away(name, wrong_mpt))]


def taken_away(name: str, wrong_mpt: int) -> list[Element]:
    """The branch of a condition for every other answer."""
    if not wrong_mpt:
        return []
    is_given = qti("not", qti("is-null", qti("variable", identifier=name)))
    return [qti("response-else-if", is_given, give(-wrong_mpt))]
