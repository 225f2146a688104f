"""Files that candidates hand in."""

import sqlalchemy as sa
from alembic import op

from storage.columns import AttemptId

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds their table."""
    op.create_table(
        "answer_files",
        sa.Column("org_id", sa.Text, nullable=False),
        sa.Column("attempt_id", AttemptId, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("piece", sa.Integer, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("created_at_ms", sa.BigInteger, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("attempt_id", "hash", "piece", name="pk_answer_files"),
    )
    op.create_index("ix_answer_files_org", "answer_files", ["org_id", "piece"])
