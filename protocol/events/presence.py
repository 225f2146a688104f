"""What is told of candidates who sit, and are without a connection for long: once for each absence, and once of its
end.

The end is told in the transaction of the record that ends it. That it has become long no record says. Whoever notices
it tells it under an id that is made from the log alone, and whoever tells the end tells it before, if nobody has.
"""

from typing import Final

import msgspec

from protocol.attempt.events import Event, OfAttempt, whose
from protocol.attempt.facts import Record
from protocol.attempt.model import SITTING, Attempt
from protocol.events.happened import Happened

AWAY: Final = "presence.away"
RETURNED: Final = "presence.returned"
_encode: Final = msgspec.json.encode


class AwayEvent(OfAttempt, frozen=True, kw_only=True):
    """A candidate who sits has had no connection for `long_ms`. She was last heard of at `since_ms`."""

    since_ms: int
    long_ms: int


class ReturnedEvent(OfAttempt, frozen=True, kw_only=True):
    """A candidate is back who was without a connection for long: for `away_ms`, from `since_ms` on. From `long_ms` on
    it counted as long."""

    since_ms: int
    long_ms: int
    away_ms: int


TOLD: Final[dict[str, type[OfAttempt]]] = {AWAY: AwayEvent, RETURNED: ReturnedEvent}
"""Topic → what its events say."""
_read: Final = msgspec.json.Decoder(ReturnedEvent).decode


def away_since(attempt: Attempt) -> int | None:
    """Since when the candidate is without a connection; None: she has one, does not sit, or was not there yet."""
    return attempt.lost_ms if attempt.status in SITTING and attempt.connection_id is None else None


def away(attempt: Attempt, since_ms: int, long_ms: int) -> Happened:
    """The event that she has been away for long, since `since_ms`."""
    return _away(AwayEvent(**whose(attempt), since_ms=since_ms, long_ms=long_ms))


def returned(attempt: Attempt, record: Record, long_ms: int) -> Event | None:
    """The event for `record`, by which she has connected; `attempt` is the state right after it. None: she was not away
    for long."""
    at_ms = record.entry.at_ms
    if attempt.lost_ms is None or attempt.status not in SITTING or at_ms - attempt.lost_ms < long_ms:
        return None
    away_ms = at_ms - attempt.lost_ms
    said = ReturnedEvent(**whose(attempt), since_ms=attempt.lost_ms, long_ms=long_ms, away_ms=away_ms)
    return Event(f"{said.attempt_id}:{attempt.seq}", RETURNED, at_ms, _encode(said))


def away_before(payload: bytes | str) -> Happened:
    """What must have been told before her return, whose event says this."""
    end = _read(payload)
    fields = {name: getattr(end, name) for name in AwayEvent.__struct_fields__}
    return _away(AwayEvent(**fields | {"seq": end.seq - 1}))


def _away(said: AwayEvent) -> Happened:
    event_id = f"{said.attempt_id}:away:{said.since_ms}"
    at_ms = said.since_ms + said.long_ms
    return Happened(event_id, AWAY, at_ms, said.attempt_id, said.user_id, _encode(said).decode())
