"""The statuses of an attempt, and every change between them. A change that is not in this table is refused.

The diagrams in ARCHITECTURE.md and PROTOCOL.md are drawn from `EDGES`.
"""

from typing import Final

from protocol.attempt.model import Status

EDGES: Final[dict[tuple[Status, Status], str]] = {
    (Status.INITIATED, Status.IN_PROGRESS): "started",
    (Status.IN_PROGRESS, Status.PAUSED): "paused",
    (Status.PAUSED, Status.IN_PROGRESS): "resumed",
    (Status.IN_PROGRESS, Status.SUBMITTED): "submitted",
    (Status.IN_PROGRESS, Status.EXPIRED): "expired",
    (Status.INITIATED, Status.CANCELLED): "cancelled",
    (Status.IN_PROGRESS, Status.CANCELLED): "cancelled",
    (Status.PAUSED, Status.CANCELLED): "cancelled",
    (Status.SUBMITTED, Status.COMPLETED): "completed",
    (Status.EXPIRED, Status.COMPLETED): "completed",
    (Status.SUBMITTED, Status.IN_PROGRESS): "reopened",
    (Status.EXPIRED, Status.IN_PROGRESS): "reopened",
    (Status.COMPLETED, Status.IN_PROGRESS): "reopened",
}
"""(from, to) → the tag of the fact that makes this change."""

ENDED: Final = frozenset({Status.SUBMITTED, Status.EXPIRED, Status.CANCELLED, Status.COMPLETED})
"""The clock has stopped for good, and no answer is accepted."""

SITTING: Final = frozenset({Status.IN_PROGRESS, Status.PAUSED})
"""The candidate has begun, and has not ended."""

OPEN: Final = frozenset({Status.INITIATED, Status.IN_PROGRESS, Status.PAUSED})
"""The candidate may still do something."""


_TARGETS: Final = {(origin, tag): target for (origin, target), tag in EDGES.items()}
_TAGS: Final = frozenset(EDGES.values())


def allowed(origin: Status, fact_tag: str) -> Status | None:
    """The status after the fact: `origin` itself if the fact changes no status; None: the fact is not allowed here."""
    return _TARGETS.get((origin, fact_tag)) if fact_tag in _TAGS else origin
