"""Versions of results, their release by staff, and regrades."""

import sqlalchemy as sa
from alembic import op

from storage.columns import AttemptId, JsonText

revision = "0013"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds three tables."""
    op.create_table(
        "result_versions",
        sa.Column("attempt_id", AttemptId, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("key_version", sa.Integer, nullable=False),
        sa.Column("complete", sa.Boolean, nullable=False),
        sa.Column("score_mpt", sa.BigInteger, nullable=False),
        sa.Column("max_mpt", sa.BigInteger, nullable=False),
        sa.Column("result", JsonText, nullable=False),
        sa.Column("saved_at_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("attempt_id", "version", name="pk_result_versions"),
    )
    op.create_table(
        "releases",
        sa.Column("org_id", sa.Text, nullable=False),
        sa.Column("test_id", sa.Text, nullable=False),
        sa.Column("released_at_ms", sa.BigInteger),
        sa.Column("changed_by", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "test_id", name="pk_releases"),
    )
    op.create_table(
        "regrades",
        sa.Column("org_id", sa.Text, nullable=False),
        sa.Column("regrade_id", sa.Text, nullable=False),
        sa.Column("test_id", sa.Text, nullable=False),
        sa.Column("key_version", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("by_id", sa.Text, nullable=False),
        sa.Column("position", AttemptId),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("refused", sa.Integer, nullable=False),
        sa.Column("created_at_ms", sa.BigInteger, nullable=False),
        sa.Column("claimed_until_ms", sa.BigInteger),
        sa.Column("ended_at_ms", sa.BigInteger),
        sa.PrimaryKeyConstraint("org_id", "regrade_id", name="pk_regrades"),
    )
    op.create_index("ix_regrades_ended_at_ms", "regrades", ["ended_at_ms"])
