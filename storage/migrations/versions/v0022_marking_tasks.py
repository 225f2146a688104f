"""The queue of answers that persons mark."""

import sqlalchemy as sa
from alembic import op

from storage.columns import AttemptId

revision = "0022"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds its table."""
    op.create_table(
        "marking_tasks",
        sa.Column("attempt_id", AttemptId, nullable=False),
        sa.Column("question_id", sa.Text, nullable=False),
        sa.Column("org_id", sa.Text, nullable=False),
        sa.Column("test_id", sa.Text, nullable=False),
        sa.Column("stage", sa.Integer, nullable=False),
        sa.Column("returned", sa.Boolean, nullable=False),
        sa.Column("answer", sa.LargeBinary),
        sa.Column("first_by", sa.Text),
        sa.Column("first_mpt", sa.BigInteger),
        sa.Column("first_remark", sa.Text),
        sa.Column("second_by", sa.Text),
        sa.Column("second_mpt", sa.BigInteger),
        sa.Column("second_remark", sa.Text),
        sa.Column("claimed_by", sa.Text),
        sa.Column("claimed_until_ms", sa.BigInteger),
        sa.Column("added_at_ms", sa.BigInteger, nullable=False),
        sa.Column("done_at_ms", sa.BigInteger),
        sa.Column("handle", AttemptId, nullable=False),
        sa.PrimaryKeyConstraint("attempt_id", "question_id", name="pk_marking_tasks"),
    )
    columns = ["org_id", "test_id", "done_at_ms", "question_id", "handle"]
    op.create_index("ix_marking_tasks_queue", "marking_tasks", columns)
    op.create_index("ix_marking_tasks_handle", "marking_tasks", ["handle"])
