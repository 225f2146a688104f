"""What was done in an organisation."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, LargeBinary, PrimaryKeyConstraint, Table, Text

from storage.schema.metadata import metadata

erasures: Final = Table(
    "erasures",
    metadata,
    Column("alias", Text, nullable=False),
    Column("org_id", Text, nullable=False),
    Column("erased_at_ms", BigInteger, nullable=False),
    Column("erased_by", Text, nullable=False),
    Column("scrubbed", Boolean, nullable=False),
    PrimaryKeyConstraint("alias", name="pk_erasures"),
    Index("ix_erasures_erased_at_ms", "erased_at_ms"),
)
"""Who was erased, by alias; by it nodes learn whom to forget. `scrubbed`: the embedded database's file has been written
anew since, so that nothing is left in its unused space."""

audit_log: Final = Table(
    "audit_log",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("key", LargeBinary),
    Column("body", LargeBinary),
    Column("hash", LargeBinary, nullable=False),
    Column("subject", Text),
    Column("by_id", Text),
    Column("test_id", Text),
    PrimaryKeyConstraint("org_id", "seq", name="pk_audit_log"),
    Index("ix_audit_log_at_ms", "at_ms"),
    Index("ix_audit_log_subject", "org_id", "subject"),
    Index("ix_audit_log_by", "org_id", "by_id", "seq"),
    Index("ix_audit_log_test", "org_id", "test_id", "seq"),
)
"""What was done in an organisation beside the logs of attempts, chained as these are. `subject` is the person whom an
entry is about, `by_id` who acted, `test_id` the test that it is about; where its person was erased, or where it is old
enough, these, `body` and `key` are empty."""
