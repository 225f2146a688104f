"""Erased people."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds a table, and a column."""
    op.add_column("test_attempts", sa.Column("erased_at_ms", sa.BigInteger))
    op.create_table(
        "erasures",
        sa.Column("alias", sa.Text, nullable=False),
        sa.Column("org_id", sa.Text, nullable=False),
        sa.Column("erased_at_ms", sa.BigInteger, nullable=False),
        sa.Column("erased_by", sa.Text, nullable=False),
        sa.Column("scrubbed", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("alias", name="pk_erasures"),
    )
    op.create_index("ix_erasures_erased_at_ms", "erasures", ["erased_at_ms"])
