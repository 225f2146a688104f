"""By what a person judges an answer: criteria, each with levels that are worth points."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from protocol import limits
from protocol.content.base import Label, Points, Title


class Level(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How well an answer does by one criterion. `says` is plain text, and tells what such an answer is like."""

    points_mpt: Points
    says: Label


class Criterion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that is judged. An answer is at exactly one of its levels, no two of which are worth the same."""

    name: Title
    levels: Annotated[list[Level], Meta(min_length=2, max_length=limits.MAX_LEVELS)]

    @property
    def max_mpt(self) -> int:
        """What the best of its levels is worth, in thousandths of a point."""
        return max(level.points_mpt for level in self.levels)

    def level_at(self, points_mpt: int) -> Level | None:
        """The level that is worth so much; None: there is none."""
        return next((level for level in self.levels if level.points_mpt == points_mpt), None)


class CriterionMark(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an answer was given by one criterion, in thousandths of a point."""

    name: Title
    score_mpt: Points


Criteria = tuple[CriterionMark, ...]


def rubric_fault(rubric: Sequence[Criterion], criteria: Criteria, score_mpt: int) -> str | None:
    """What is wrong with a mark of `score_mpt` that was made of `criteria`, as a sentence; None: nothing. Whoever gives
    no criteria marks as a whole."""
    if not criteria:
        return None
    if not rubric:
        return "This question has no rubric: it is marked as a whole."
    given = {one.name: one.score_mpt for one in criteria}
    if len(given) < len(criteria) or given.keys() != {criterion.name for criterion in rubric}:
        return "The mark must name each criterion of the rubric once, and no other."
    for criterion in rubric:
        if criterion.level_at(given[criterion.name]) is None:
            return f"No level of {criterion.name!r} is worth {given[criterion.name]} thousandths of a point."
    if sum(given.values()) != score_mpt:
        return "The mark must be the sum of what its criteria were given."
    return None


def mean_criteria(first: Criteria, second: Criteria) -> Criteria:
    """What two markers gave by each criterion, on average; none where they judged by different ones. The means add up
    to the mean of their marks, rounded to a thousandth of a point, halves up."""
    others = {one.name: one.score_mpt for one in second}
    if others.keys() != {one.name for one in first}:
        return ()
    means: list[CriterionMark] = []
    together = 0
    for one in first:
        before = (together + 1) // 2
        together += one.score_mpt + others[one.name]
        means.append(CriterionMark(one.name, (together + 1) // 2 - before))
    return tuple(means)
