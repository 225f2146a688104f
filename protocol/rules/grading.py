"""Which attempt counts, and which grade its score is."""

from collections.abc import Sequence
from typing import Final

import msgspec

from protocol.attempt.model import Status
from protocol.content import Grade, Rules
from protocol.rest.results import Result


class Counted(msgspec.Struct, frozen=True):
    """What one attempt was worth, in thousandths of a point."""

    attempt_id: str
    attempt_number: int
    score_mpt: int
    max_mpt: int


def counted(attempt_number: int, status: Status, result: Result | None) -> Counted | None:
    """What an attempt brings to what its candidate has; None: nothing yet. Of a reopened attempt the marks are those of
    an end that is none any more."""
    if status is not Status.COMPLETED or result is None or not result.complete:
        return None
    return Counted(result.attempt_id, attempt_number, result.score_mpt, result.max_mpt)


class Outcome(msgspec.Struct, frozen=True):
    """What a candidate has in a test. `attempt_id` is nil where no single attempt counts. An average is rounded to the
    nearest thousandth, halves up."""

    attempt_id: str | None
    score_mpt: int
    max_mpt: int
    grade: str | None


def outcome(rules: Rules, attempts: Sequence[Counted]) -> Outcome | None:
    """By the test's rule; None: no attempt is complete. Of equal scores the earlier attempt counts."""
    if not attempts:
        return None
    in_order = sorted(attempts, key=lambda one: one.attempt_number)
    if rules.counts == "average":
        score = _mean([one.score_mpt for one in in_order])
        most = _mean([one.max_mpt for one in in_order])
        return Outcome(None, score, most, grade_of(rules.grades, score, most))
    counts = in_order[-1] if rules.counts == "latest" else in_order[0]
    if rules.counts == "best":
        # Papers that are drawn may differ in what can be reached. The share counts, compared without rounding.
        for one in in_order[1:]:
            if one.score_mpt * (counts.max_mpt or 1) > counts.score_mpt * (one.max_mpt or 1):
                counts = one
    grade = grade_of(rules.grades, counts.score_mpt, counts.max_mpt)
    return Outcome(counts.attempt_id, counts.score_mpt, counts.max_mpt, grade)


def grade_of(grades: Sequence[Grade], score_mpt: int, max_mpt: int) -> str | None:
    """The label of the highest boundary that the score reaches; None: it reaches none."""
    reached = [grade for grade in grades if score_mpt * _WHOLE >= grade.from_permille * max_mpt]
    return max(reached, key=lambda grade: grade.from_permille).label if reached else None


def _mean(numbers: Sequence[int]) -> int:
    return (2 * sum(numbers) + len(numbers)) // (2 * len(numbers))


_WHOLE: Final = 1_000
