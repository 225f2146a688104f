"""What is told now and then of an attempt that goes on, to those alone who ask for it by name.

How far it is, and its answers, are told when the attempt is written down for recovery: all that has changed since the
time before, as one event. How it stands among the others is told after a look at all of them.
"""

from collections.abc import Collection, Sequence
from typing import Final

import msgspec

from protocol.attempt.events import OfAttempt, whose
from protocol.attempt.model import Attempt
from protocol.attempt.view import row
from protocol.events.happened import Happened
from protocol.messages.state import SavedAnswer

UPDATED: Final = "progress.updated"
ANSWERS: Final = "progress.answers_saved"
ANALYTICS: Final = "progress.analytics"


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


class AnalyticsEvent(OfAttempt, frozen=True, kw_only=True):
    """How an attempt that goes on stands among all that have begun at the test, so many `attempts`: as of its record
    `seq`, at `at_ms`. The figures are those of docs/analytics.md: `left_ms` is for how long her clock will still run if
    she goes on like this, `effort_ppm` the share of her answers that were no rapid guesses, `stuck` the questions at
    which she has been for far longer than others."""

    at_ms: int
    attempts: int
    questions: int
    answered: int
    changes: int
    ran_ms: int
    idle_ms: int
    idle_spans: int
    losses: int
    away_ms: int
    rapid: int
    effort_ppm: int | None
    pace_ppm: int | None
    left_ms: int | None
    stuck: list[str]


TOLD: Final[dict[str, type[OfAttempt]]] = {UPDATED: ProgressEvent, ANSWERS: AnswersEvent, ANALYTICS: AnalyticsEvent}
"""Topic → what its events say."""


def analytics(said: AnalyticsEvent) -> Happened:
    """The event. Of one attempt and record it has one id, whoever looked and whenever."""
    event_id = f"{said.attempt_id}:{said.seq}:{ANALYTICS}"
    return Happened(event_id, ANALYTICS, said.at_ms, said.attempt_id, said.user_id, msgspec.json.encode(said).decode())


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
