"""Bodies about how long an organisation keeps what it has."""

from typing import Annotated

from msgspec import Meta

from protocol import limits
from protocol.messages.base import Int
from protocol.rest.body import Body

Days = Annotated[int, Meta(ge=1, le=limits.MAX_RETENTION_DAYS)]
AuditDays = Annotated[int, Meta(ge=limits.MIN_AUDIT_DAYS, le=limits.MAX_RETENTION_DAYS)]
DeliveryDays = Annotated[int, Meta(ge=1, le=limits.MAX_DELIVERY_DAYS)]


class RetentionBody(Body, frozen=True, kw_only=True):
    """Days from the last record of an attempt until its log goes into an archive (`archive_after_days`), and from then
    until the archive is deleted (`drop_after_days`); days after which an entry of the audit log loses what it says
    (`audit_days`), what was delivered is forgotten (`delivery_days`), and a file of tests that no version of any test
    names is deleted (`media_days`). Nil: as the operator has it; without a word of hers for ever, and deliveries for 3
    days."""

    archive_after_days: Days | None = None
    drop_after_days: Days | None = None
    audit_days: AuditDays | None = None
    delivery_days: DeliveryDays | None = None
    media_days: Days | None = None


class RetentionReply(Body, frozen=True, kw_only=True):
    """What the organisation has said, what the operator allows (`at_most`, `at_least`), and what both make
    (`in_force`). `moves_logs`: this server moves old logs by itself; else the operator does by a command, now and
    then. `etag` is what `If-Match` takes."""

    rule: RetentionBody
    at_most: RetentionBody
    at_least: RetentionBody
    in_force: RetentionBody
    moves_logs: bool
    etag: str


class RetentionPreview(Body, frozen=True, kw_only=True):
    """What would go at once: `logs` into an archive, `archives` for ever, the words of `audit_entries`, `deliveries`,
    and `media`: files that were found unused so many days ago. `unused_media`: all that no test names now; their days
    count from when the server finds them, if there is a rule. `clock_doubtful`: the server does not trust its clock,
    and nothing goes before an operator has looked at it."""

    at_ms: Int
    logs: Int
    archives: Int
    audit_entries: Int
    deliveries: Int
    media: Int
    unused_media: Int
    clock_doubtful: bool
