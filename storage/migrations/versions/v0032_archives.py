"""Logs that went into archives."""

import sqlalchemy as sa
from alembic import op

from storage.columns import AttemptId

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_OVER = sa.text("submit_time IS NOT NULL AND archived_at_ms IS NULL")


def upgrade() -> None:
    """Adds the column, its index and the table."""
    op.add_column("test_attempts", sa.Column("archived_at_ms", sa.BigInteger))
    op.create_index(
        "ix_test_attempts_over",
        "test_attempts",
        ["org_id", "submit_time"],
        sqlite_where=_OVER,
        postgresql_where=_OVER,
    )
    op.create_table(
        "archived_logs",
        sa.Column("attempt_id", AttemptId, nullable=False),
        sa.Column("org_id", sa.Text, nullable=False),
        sa.Column("archive", sa.Text, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("head", sa.LargeBinary, nullable=False),
        sa.Column("archived_at_ms", sa.BigInteger, nullable=False),
        sa.Column("restored_at_ms", sa.BigInteger),
        sa.Column("dropped_at_ms", sa.BigInteger),
        sa.PrimaryKeyConstraint("attempt_id", name="pk_archived_logs"),
    )
    op.create_index("ix_archived_logs_archive", "archived_logs", ["archive"])
