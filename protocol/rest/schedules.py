"""What is wrong with a test's schedule."""

from protocol.messages.base import Int
from protocol.rest.body import Body


class ScheduleTrouble(Body, frozen=True, kw_only=True):
    """What is wrong, in a sentence; `user_id` nil: for everybody who was granted nothing. `missing_ms` is how much too
    short it is."""

    trouble: str
    detail: str
    user_id: str | None
    missing_ms: Int | None


class ScheduleWarnings(Body, frozen=True, kw_only=True):
    """Of so many `candidates` (enrolled, granted something, or with an attempt that has not started): `total` warnings,
    the first 500 of them here."""

    test_id: str
    candidates: Int
    total: Int
    warnings: list[ScheduleTrouble]
