"""Which of a candidate's attempts counts, and which grade its score is."""

from collections.abc import Sequence
from typing import Final

import msgspec

from protocol.attempt.model import Status
from protocol.content import Grade, Rules
from protocol.rest.results import Result
from protocol.rules.regrading import Ordered


class Sat(msgspec.Struct, frozen=True):
    """One attempt that is not void. `result` is its newest one. `marks_due`: its marks have to be made, for the first
    time or anew."""

    attempt_id: str
    attempt_number: int
    status: Status
    started_at_ms: int | None
    result: Result | None
    marks_due: bool


class Counted(msgspec.Struct, frozen=True):
    """What one attempt was worth, in thousandths of a point."""

    attempt_id: str
    attempt_number: int
    score_mpt: int
    max_mpt: int


class Outcome(msgspec.Struct, frozen=True):
    """What a candidate has in a test. `attempt` is nil where no single one counts. An average is rounded down to a
    thousandth; its grade is that of the exact one."""

    attempt: Counted | None
    score_mpt: int
    max_mpt: int
    grade: str | None


class Standing(msgspec.Struct, frozen=True):
    """A candidate's complete attempts by number, how many others wait for marks, and what she has by the test's rule:
    nil without a complete one, and while one waits, since that may be the one that counts."""

    parts: tuple[Counted, ...]
    waiting: int
    outcome: Outcome | None


def standing(rules: Rules, attempts: Sequence[Sat], regrade: Ordered | None) -> Standing:
    """What these attempts, all of one candidate at one test, come to. `regrade` is the newest one of the test: an
    attempt that it is about to mark anew waits for marks, so that nothing is worked out of marks by two keys."""
    parts = sorted(filter(None, (_counted(one, regrade) for one in attempts)), key=lambda one: one.attempt_number)
    waiting = sum(_waits(one, regrade) for one in attempts)
    return Standing(tuple(parts), waiting, None if waiting else outcome(rules, parts))


def _counted(one: Sat, regrade: Ordered | None) -> Counted | None:
    """Of a reopened attempt the marks are those of an end that is none any more."""
    if one.status is not Status.COMPLETED or one.result is None or _waits(one, regrade):
        return None
    return Counted(one.attempt_id, one.attempt_number, one.result.score_mpt, one.result.max_mpt)


def _waits(one: Sat, regrade: Ordered | None) -> bool:
    if one.status in (Status.SUBMITTED, Status.EXPIRED):
        return True
    if one.status is not Status.COMPLETED:
        return False
    result = one.result
    if result is None or not result.complete or one.marks_due:
        return True
    if regrade is None or not regrade.under_way or one.started_at_ms is None:
        return False
    return one.started_at_ms <= regrade.at_ms and (result.key_version or result.test_version) != regrade.key_version


def outcome(rules: Rules, attempts: Sequence[Counted]) -> Outcome | None:
    """By the test's rule; None: there is no attempt. Of equal scores the earlier attempt counts."""
    if not attempts:
        return None
    in_order = sorted(attempts, key=lambda one: one.attempt_number)
    if rules.counts == "average":
        score, most, count = sum(one.score_mpt for one in in_order), sum(one.max_mpt for one in in_order), len(attempts)
        return Outcome(None, score // count, most // count, grade_of(rules.grades, score, most))
    counts = in_order[-1] if rules.counts == "latest" else in_order[0]
    if rules.counts == "best":
        # Papers that are drawn may differ in what can be reached. The share counts, compared without rounding.
        for one in in_order[1:]:
            if one.score_mpt * (counts.max_mpt or 1) > counts.score_mpt * (one.max_mpt or 1):
                counts = one
    grade = grade_of(rules.grades, counts.score_mpt, counts.max_mpt)
    return Outcome(counts, counts.score_mpt, counts.max_mpt, grade)


def grade_of(grades: Sequence[Grade], score_mpt: int, max_mpt: int) -> str | None:
    """The label of the highest boundary that the score reaches; None: it reaches none, or nothing could be reached."""
    if not max_mpt:
        return None
    reached = [grade for grade in grades if score_mpt * _WHOLE >= grade.from_permille * max_mpt]
    return max(reached, key=lambda grade: grade.from_permille).label if reached else None


_WHOLE: Final = 1_000
