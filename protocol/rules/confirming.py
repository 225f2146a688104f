"""What is confirmed of an attempt, and whether a confirmation still holds."""

from protocol.attempt.model import SITTING, Attempt, Status
from protocol.rest.confirmations import Confirmed, ConfirmedResult, Standing
from protocol.rest.results import Result

_VOID = frozenset({Status.CANCELLED, Status.ABSENT, Status.ABANDONED})


def confirmed(attempt: Attempt, title: str, name: str, shown: Result | None, issuer: str, now_ms: int) -> Confirmed:
    """Of an attempt that has ended. `shown` is the result as its candidate may see it; None: she may not."""
    identity, started_ms = attempt.identity, attempt.started_at_ms
    assert attempt.reference is not None, "what has ended has a reference"
    assert attempt.ended_at_ms is not None, "what has ended has an end"
    return Confirmed(
        iss=issuer,
        iat=now_ms // 1_000,
        org_id=identity.org_id,
        attempt_id=identity.attempt_id,
        reference=attempt.reference,
        test_id=identity.test_id,
        title=title,
        name=name,
        started_at_ms=attempt.ended_at_ms if started_ms is None else started_ms,
        ended_at_ms=attempt.ended_at_ms,
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
