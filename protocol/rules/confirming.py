"""What is confirmed of an attempt, and whether a confirmation still holds."""

from typing import NamedTuple

from protocol.attempt.model import SITTING, Identity, Status
from protocol.rest.confirmations import Confirmed, ConfirmedResult, Standing
from protocol.rest.results import Result

_VOID = frozenset({Status.CANCELLED, Status.ABSENT, Status.ABANDONED})


class Sat(NamedTuple):
    """An attempt that has ended, of which its log tells, or what is kept where that is in an archive."""

    identity: Identity
    reference: str
    title: str
    name: str
    started_ms: int | None
    ended_ms: int


def confirmed(sat: Sat, shown: Result | None, issuer: str, now_ms: int) -> Confirmed:
    """`shown` is the result as its candidate may see it; None: she may not."""
    identity = sat.identity
    return Confirmed(
        iss=issuer,
        iat=now_ms // 1_000,
        org_id=identity.org_id,
        attempt_id=identity.attempt_id,
        reference=sat.reference,
        test_id=identity.test_id,
        title=sat.title,
        name=sat.name,
        started_at_ms=sat.ended_ms if sat.started_ms is None else sat.started_ms,
        ended_at_ms=sat.ended_ms,
        result=None
        if shown is None
        else ConfirmedResult(
            score_mpt=shown.score_mpt, max_mpt=shown.max_mpt, grade=shown.grade, version=shown.version
        ),
    )


def standing_of(
    said: Confirmed, status: Status | None, stored: Result | None, grade: str | None, *, is_shown: bool
) -> Standing:
    """`status`: of the attempt now; None: it was erased. `stored` is its newest result, with its `grade` by the test's
    newest rules. `is_shown`: whether candidates may see results of the test now."""
    if status is None or status in _VOID:
        return "withdrawn"
    if status in SITTING:
        # It was reopened: another paper will be handed in.
        return "replaced"
    if stored is None:
        return "current"
    if stored.reference != said.reference:
        return "replaced"
    if said.result is None:
        return "current"
    if not is_shown:
        # Nobody is to learn by it whether marks that are held back have changed.
        return "withdrawn"
    was = (said.result.score_mpt, said.result.max_mpt, said.result.grade)
    return "current" if was == (stored.score_mpt, stored.max_mpt, grade) else "replaced"
