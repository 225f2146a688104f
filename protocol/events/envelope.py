"""An event as it is delivered: the same bytes over every way out, so that they can be signed and compared."""

from hashlib import sha256
from typing import Final

import msgspec

from protocol.attempt.model import Actor, Role
from protocol.events.happened import Happened
from protocol.events.topics import AUDIT
from protocol.rules.audit import Entry, kind_of_type

_encode: Final = msgspec.json.Encoder().encode


class Envelope(msgspec.Struct, frozen=True):
    """What is sent: `timestamp` is when it happened, by the server's clock (RFC 3339)."""

    id: str
    type: str
    timestamp: str
    data: msgspec.Raw


def envelope(event_id: str, topic: str, at_ms: int, data: str) -> bytes:
    """The bytes of an event."""
    return _encode(Envelope(event_id, topic, instant(at_ms), msgspec.Raw(data.encode())))


def instant(at_ms: int) -> str:
    """An instant of 1970 or later as RFC 3339 writes it, in milliseconds and UTC."""
    seconds, ms = divmod(at_ms, 1000)
    days, second = divmod(seconds, 86_400)
    # Years begin in March here, so that the day that is sometimes missing comes last: 400 of them have 146,097 days.
    era, day = divmod(days + 719_468, 146_097)
    year = (day - day // 1_460 + day // 36_524 - day // 146_096) // 365
    day -= 365 * year + year // 4 - year // 100
    month = (5 * day + 2) // 153
    date = f"{400 * era + year + (month > 9):04}-{(month + 2) % 12 + 1:02}-{day - (153 * month + 2) // 5 + 1:02}"
    return f"{date}T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}.{ms:03}Z"


class AuditEvent(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of an entry of the audit log: `seq` is its number there."""

    org_id: str
    seq: int
    by_role: Role
    by: str
    entry: Entry


def event_id_of(org_id: str, seq: int) -> str:
    """The id of the event of an entry of the audit log. It tells organisations apart: a receiver may serve several."""
    return f"audit:{sha256(org_id.encode()).hexdigest()[:16]}:{seq}"


def of_audit(org_id: str, seq: int, at_ms: int, by: Actor, entry: Entry) -> Happened:
    """The event of an entry of the audit log."""
    data = AuditEvent(org_id=org_id, seq=seq, by_role=by.role, by=by.id, entry=entry)
    topic = f"{AUDIT}{kind_of_type(type(entry))}"
    return Happened(event_id_of(org_id, seq), topic, at_ms, "", entry.subject, _encode(data).decode())
