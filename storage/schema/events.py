"""What other systems are told."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, PrimaryKeyConstraint, Table, Text, text

from storage.columns import AttemptId, JsonText
from storage.schema.metadata import metadata

outbox: Final = Table(
    "outbox",
    metadata,
    Column("attempt_id", AttemptId, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("topic", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("payload", JsonText, nullable=False),
    PrimaryKeyConstraint("attempt_id", "seq", name="pk_outbox"),
    Index("ix_outbox_pending", "at_ms", "attempt_id", "seq"),
)
"""Events that wait to be delivered, each written in the transaction of the record that it tells. Its id is
`attempt_id:seq`. What has been delivered is deleted, and what is older than `outbox.KEPT_MS`."""

events: Final = Table(
    "events",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("lane", Text, nullable=False),
    Column("user_id", Text),
    Column("data", JsonText, nullable=False),
    PrimaryKeyConstraint("org_id", "position", name="pk_events"),
    Index("ix_events_id", "org_id", "event_id"),
    Index("ix_events_user", "org_id", "user_id"),
    Index("ix_events_at_ms", "at_ms"),
)
"""What has happened in each organisation, numbered without a gap as it was taken over from the outbox and from the
audit log. Those of one `lane` are delivered in their order: an attempt's, or the organisation's own (empty). `user_id`
is the person whom an event is about. What is older than `events.KEPT_MS` is deleted, and what is about somebody who is
erased."""

event_positions: Final = Table(
    "event_positions",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("pruned", BigInteger, nullable=False),
    Column("audit_seq", BigInteger, nullable=False),
    PrimaryKeyConstraint("org_id", name="pk_event_positions"),
)
"""The last event of each organisation, the last one that was too old and deleted, and the last entry of the audit log
that has become an event."""

subscriptions: Final = Table(
    "subscriptions",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("subscription_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("topics", JsonText, nullable=False),
    Column("description", Text, nullable=False),
    Column("secrets", JsonText, nullable=False),
    Column("mail", JsonText),
    Column("enabled", Boolean, nullable=False),
    Column("why_off", Text),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("changed_at_ms", BigInteger, nullable=False),
    Column("changed_by", Text, nullable=False),
    PrimaryKeyConstraint("org_id", "subscription_id", name="pk_subscriptions"),
)
"""Who is told of which events, and how. `secrets` sign what is sent: they are shown to nobody again. `mail` says how
letters are written."""

mail_stops: Final = Table(
    "mail_stops",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("stopped_at_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("org_id", "user_id", name="pk_mail_stops"),
)
"""Candidates who get no letters any more but those that they must get."""

deliveries: Final = Table(
    "deliveries",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("subscription_id", Text, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("lane", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("due_ms", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("made_ms", BigInteger, nullable=False),
    Column("give_up_ms", BigInteger, nullable=False),
    Column("tried_ms", BigInteger),
    Column("status", Integer),
    Column("error", Text),
    PrimaryKeyConstraint("org_id", "subscription_id", "position", name="pk_deliveries"),
    Index("ix_deliveries_due", "subscription_id", "due_ms", sqlite_where=text("state = 'waiting'")),
    Index("ix_deliveries_lane", "subscription_id", "lane", "position", sqlite_where=text("state = 'waiting'")),
    Index("ix_deliveries_dead", "org_id", "subscription_id", "position", sqlite_where=text("state = 'dead'")),
    Index("ix_deliveries_delivered", "tried_ms", sqlite_where=text("state = 'delivered'")),
    Index("ix_deliveries_event", "org_id", "position"),
)
"""What becomes of an event for each subscription. `waiting`: it is tried when it is `due_ms`, unless an earlier one of
its lane still waits; whoever tries it moves `due_ms` on first, so that nobody else does meanwhile. `dead`: it was given
up, and waits for somebody to replay it. `status` is what the receiver answered last."""
