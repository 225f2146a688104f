"""Calls with an idempotency key, and what they were answered."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds their table."""
    op.create_table(
        "keyed_calls",
        sa.Column("org_id", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("claimed_at_ms", sa.BigInteger, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("answer", sa.Text),
        sa.PrimaryKeyConstraint("org_id", "key", name="pk_keyed_calls"),
    )
    op.create_index("ix_keyed_calls_claimed_at_ms", "keyed_calls", ["claimed_at_ms"])
