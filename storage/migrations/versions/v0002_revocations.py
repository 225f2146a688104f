"""Withdrawn tokens."""

import sqlalchemy as sa
from alembic import op

from storage.columns import AttemptId

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds their table."""
    op.create_table(
        "revocations",
        sa.Column("revocation_id", AttemptId, nullable=False),
        sa.Column("org_id", sa.Text, nullable=False),
        sa.Column("token_id", sa.Text),
        sa.Column("user_id", sa.Text),
        sa.Column("revoked_at_ms", sa.BigInteger, nullable=False),
        sa.Column("revoked_by", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("revocation_id", name="pk_revocations"),
    )
    op.create_index("ix_revocations_revoked_at_ms", "revocations", ["revoked_at_ms"])
