"""Events for the rest of the platform: one for each fact that matters outside.

None carries marks: results may not be released yet, and nobody knows here where an event goes. Whoever is told that
marks were made asks for the result.

The id of an event comes from its record. So a repeated delivery is recognised, and one fact has one event.
"""

from typing import Any

import msgspec

from protocol.attempt.facts import Alerted, Record, Warned
from protocol.attempt.kinds import KIND_OF
from protocol.attempt.model import Attempt, Role, Scope
from protocol.attempt.view import state
from protocol.messages.state import AttemptState


class Event(msgspec.Struct, frozen=True):
    """`topic` is `attempt.<fact>` or `integrity.<fact>`; `payload` is JSON: who and what, and the attempt's state after
    the fact."""

    event_id: str
    topic: str
    at_ms: int
    payload: bytes


class OfAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """Whose attempt it is. `seq` is the number of a record in its log; `test_version` is nil before the start."""

    attempt_id: str
    org_id: str
    branch_id: str | None
    test_id: str
    test_version: int | None
    user_id: str
    attempt_number: int
    seq: int


class AttemptEvent(OfAttempt, frozen=True, kw_only=True):
    """What is told of something that has happened in an attempt: who asked for it, and how the attempt stands right
    after it."""

    by_role: Role
    by: str
    state: AttemptState


class AlertEvent(AttemptEvent, frozen=True, kw_only=True):
    """What is told of an alert: `signal` was noticed `times` times by then, and the sizes of these times add up to
    `size`."""

    signal: str
    times: int
    size: int


class WarnedEvent(AttemptEvent, frozen=True, kw_only=True):
    """What is told of a warning of the time: `left_ms` are left until `deadline_ms`, on the clock of the test, or of
    the section or question `of`."""

    left_ms: int
    deadline_ms: int
    scope: Scope
    of: str | None


def whose(attempt: Attempt) -> dict[str, Any]:
    """The fields of an `OfAttempt`, as of the attempt's last record."""
    identity = attempt.identity
    return {
        "attempt_id": identity.attempt_id,
        "org_id": identity.org_id,
        "branch_id": identity.branch_id,
        "test_id": identity.test_id,
        "test_version": attempt.test_version,
        "user_id": identity.user_id,
        "attempt_number": identity.attempt_number,
        "seq": attempt.seq,
    }


def event_of(attempt: Attempt, record: Record) -> Event | None:
    """The event for `record`; `attempt` is the state right after it. None: the fact matters to nobody outside."""
    entry = record.entry
    topic = KIND_OF[type(entry.fact)].topic
    if topic is None:
        return None
    fact = entry.fact
    told = {**whose(attempt), "by_role": entry.role, "by": entry.by, "state": state(attempt)}
    if isinstance(fact, Alerted):
        payload: AttemptEvent = AlertEvent(**told, signal=fact.signal, times=fact.times, size=fact.size)
    elif isinstance(fact, Warned):
        payload = WarnedEvent(**told, left_ms=fact.left_ms, deadline_ms=fact.deadline_ms, scope=fact.scope, of=fact.of)
    else:
        payload = AttemptEvent(**told)
    return Event(f"{payload.attempt_id}:{entry.seq}", topic, entry.at_ms, msgspec.json.encode(payload))
