"""Acts on many attempts."""

import sqlalchemy as sa
from alembic import op

from storage.columns import AttemptId, JsonText

revision = "0019"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds their tables."""
    op.create_table(
        "bulk_acts",
        sa.Column("org_id", sa.Text, nullable=False),
        sa.Column("bulk_id", sa.Text, nullable=False),
        sa.Column("test_id", sa.Text, nullable=False),
        sa.Column("order", JsonText, nullable=False),
        sa.Column("filter", JsonText),
        sa.Column("scope", JsonText, nullable=False),
        sa.Column("request", sa.LargeBinary, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("by_id", sa.Text, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("refused", sa.Integer, nullable=False),
        sa.Column("created_at_ms", sa.BigInteger, nullable=False),
        sa.Column("claimed_until_ms", sa.BigInteger),
        sa.Column("ended_at_ms", sa.BigInteger),
        sa.PrimaryKeyConstraint("org_id", "bulk_id", name="pk_bulk_acts"),
    )
    op.create_index("ix_bulk_acts_test", "bulk_acts", ["org_id", "test_id", "created_at_ms"])
    op.create_index("ix_bulk_acts_ended_at_ms", "bulk_acts", ["ended_at_ms"])
    op.create_table(
        "bulk_targets",
        sa.Column("org_id", sa.Text, nullable=False),
        sa.Column("bulk_id", sa.Text, nullable=False),
        sa.Column("attempt_id", AttemptId, nullable=False),
        sa.Column("outcome", sa.Text),
        sa.Column("code", sa.Text),
        sa.Column("detail", sa.Text),
        sa.PrimaryKeyConstraint("org_id", "bulk_id", "attempt_id", name="pk_bulk_targets"),
    )
    op.create_index("ix_bulk_targets_attempt_id", "bulk_targets", ["attempt_id"])
