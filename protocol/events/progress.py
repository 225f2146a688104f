"""What is told now and then of an attempt that goes on, to those alone who ask for it by name.

It is told when the attempt is written down for recovery: all that has changed since the time before, as one event.
"""

from collections.abc import Collection, Sequence
from typing import Final

import msgspec

from protocol.attempt.events import OfAttempt, whose
from protocol.attempt.model import Attempt
from protocol.attempt.view import row
from protocol.messages.state import SavedAnswer

UPDATED: Final = "progress.updated"
ANSWERS: Final = "progress.answers_saved"


class ProgressEvent(OfAttempt, frozen=True, kw_only=True):
    """How far an attempt is: as of its record `seq`. Whoever knows a later one leaves it."""

    status: str
    answered: int
    questions: int
    question_index: int


class AnswersEvent(OfAttempt, frozen=True, kw_only=True):
    """The answers of an attempt that were saved, or taken back, since the event before this one: as of its record
    `seq`."""

    answers: list[SavedAnswer]
    taken_back: list[str]


TOLD: Final[dict[str, type[OfAttempt]]] = {UPDATED: ProgressEvent, ANSWERS: AnswersEvent}
"""Topic → what its events say."""


def tell(
    attempt: Attempt, topics: Collection[str], saved: Sequence[SavedAnswer], taken_back: Sequence[str]
) -> dict[str, bytes]:
    """Topic → JSON, of these `topics`; none about answers where no answer has changed."""
    told: dict[str, OfAttempt] = {}
    if UPDATED in topics:
        shown = row(attempt, "", "offline", None, 0)
        told[UPDATED] = ProgressEvent(
            **whose(attempt),
            status=attempt.status.value,
            answered=shown.answered,
            questions=shown.total,
            question_index=attempt.question_index,
        )
    if ANSWERS in topics and (saved or taken_back):
        told[ANSWERS] = AnswersEvent(**whose(attempt), answers=list(saved), taken_back=list(taken_back))
    return {topic: msgspec.json.encode(one) for topic, one in told.items()}
