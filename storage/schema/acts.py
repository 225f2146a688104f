"""What staff ask for."""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, PrimaryKeyConstraint, Table, Text

from storage.columns import AttemptId, JsonText
from storage.schema.metadata import metadata

bulk_acts: Final = Table(
    "bulk_acts",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("bulk_id", Text, nullable=False),
    Column("test_id", Text, nullable=False),
    Column("order", JsonText, nullable=False),
    Column("filter", JsonText),
    Column("scope", JsonText, nullable=False),
    Column("request", LargeBinary, nullable=False),
    Column("role", Text, nullable=False),
    Column("by_id", Text, nullable=False),
    Column("total", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("claimed_until_ms", BigInteger),
    Column("ended_at_ms", BigInteger),
    PrimaryKeyConstraint("org_id", "bulk_id", name="pk_bulk_acts"),
    Index("ix_bulk_acts_test", "org_id", "test_id", "created_at_ms"),
    Index("ix_bulk_acts_ended_at_ms", "ended_at_ms"),
)
"""Acts on many attempts. `claimed_until_ms` is the lease of the node that carries one out, `request` a digest of what
was asked for."""

bulk_targets: Final = Table(
    "bulk_targets",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("bulk_id", Text, nullable=False),
    Column("attempt_id", AttemptId, nullable=False),
    Column("outcome", Text),
    Column("code", Text),
    Column("detail", Text),
    PrimaryKeyConstraint("org_id", "bulk_id", "attempt_id", name="pk_bulk_targets"),
    Index("ix_bulk_targets_attempt_id", "attempt_id"),
)
"""The attempts of an act on many. `outcome` is nil while one waits; then done, or refused with code and sentence."""

staff_commands: Final = Table(
    "staff_commands",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("command_id", Text, nullable=False),
    Column("attempt_id", AttemptId, nullable=False),
    Column("claimed_at_ms", BigInteger),
    PrimaryKeyConstraint("org_id", "command_id", name="pk_staff_commands"),
)
"""Which attempt the id of a staff command belongs to. Rows are added, and deleted after `staff_commands.KEPT_MS`."""
