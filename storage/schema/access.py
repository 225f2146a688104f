"""Who may call."""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, PrimaryKeyConstraint, Table, Text

from storage.columns import AttemptId, JsonText
from storage.schema.metadata import metadata

api_keys: Final = Table(
    "api_keys",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("reach", JsonText, nullable=False),
    Column("secrets", JsonText, nullable=False),
    Column("made_at_ms", BigInteger, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("changed_at_ms", BigInteger, nullable=False),
    Column("revoked_at_ms", BigInteger),
    Column("last_used_ms", BigInteger),
    PrimaryKeyConstraint("org_id", "key_id", name="pk_api_keys"),
    Index("ix_api_keys_changed_at_ms", "changed_at_ms"),
)
"""Keys by which services call. `reach`: to which branches, tests and groups each is limited; `secrets`: digests, and
when each secret ends; `last_used_ms`: the hour. A key that is withdrawn stays for a while: nodes learn of it."""

keyed_calls: Final = Table(
    "keyed_calls",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("claimed_at_ms", BigInteger, nullable=False),
    Column("status", Integer),
    Column("answer", Text),
    PrimaryKeyConstraint("org_id", "key", name="pk_keyed_calls"),
    Index("ix_keyed_calls_claimed_at_ms", "claimed_at_ms"),
)
"""Calls that came with an idempotency key. `key` stands for the caller and her key, `request` for what was asked: both
are keyed digests. `answer` is sealed; it is empty where it was too long, or where somebody was erased since."""

revocations: Final = Table(
    "revocations",
    metadata,
    Column("revocation_id", AttemptId, primary_key=True),
    Column("org_id", Text, nullable=False),
    Column("token_id", Text),
    Column("user_id", Text),
    Column("revoked_at_ms", BigInteger, nullable=False),
    Column("revoked_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Index("ix_revocations_revoked_at_ms", "revoked_at_ms"),
)
"""Withdrawn tokens: one by its id, or all that a user had been given by then. Rows are added and never changed; when
whatever they cover has ended, they may go."""
