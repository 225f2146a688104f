"""Of which events people are told by mail: a candidate of her own attempts, staff of all."""

from typing import Final

import msgspec

CANDIDATES: Final = "candidates"
"""The target of a subscription whose letters go to the candidate whom an event is about."""
RELEASED: Final = "audit.released"
RESULT_RELEASED: Final = "mail.result_released"
"""One candidate of a test whose results were released. Made of `RELEASED` for a subscription, told to nobody else."""
DIGEST: Final = "mail.digest"
"""What happened in a day. Made for a subscription, and told to nobody else."""
PRIVATE: Final = "mail."
"""Before topics that are no events of the organisation: they stand in no feed, and in no other subscription."""

TO_CANDIDATES: Final[dict[str, bool]] = {
    "attempt.started": False,
    "attempt.formally_warned": True,
    "attempt.submitted": True,
    "attempt.expired": True,
    "attempt.completed": False,
    RELEASED: False,
}
"""Topic → whether the letter is essential: what a candidate must be able to prove, or to answer. Of the others she may
ask to get no more."""
TO_STAFF: Final = (
    "attempt.abandoned",
    "attempt.overran",
    "attempt.formally_warned",
    "attempt.hand_raised",
    "attempt.pause_forgotten",
    "attempt.late_received",
    "integrity.alerted",
    "security.device_refused",
    DIGEST,
)


class ResultReleased(msgspec.Struct, frozen=True, kw_only=True):
    """The result of an attempt can be seen by its candidate."""

    org_id: str
    test_id: str
    user_id: str
    attempt_id: str


class DigestOfTest(msgspec.Struct, frozen=True, kw_only=True):
    """How many attempts at a test were started and ended in the day, and how many are open when it is told."""

    test_id: str
    started: int
    ended: int
    open: int


class Digest(msgspec.Struct, frozen=True, kw_only=True):
    """A day of an organisation, from midnight to midnight in UTC."""

    org_id: str
    from_ms: int
    tests: list[DigestOfTest]


def asked_as(topic: str) -> str:
    """The topic that a subscription names to be told of this one."""
    return RELEASED if topic == RESULT_RELEASED else topic
