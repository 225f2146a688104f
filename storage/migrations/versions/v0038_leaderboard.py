"""Who stands on the leaderboard of a test."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the table."""
    op.create_table(
        "leaderboard",
        sa.Column("org_id", sa.Text, nullable=False),
        sa.Column("test_id", sa.Text, nullable=False),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("pseudonym", sa.Text),
        sa.Column("folded", sa.Text),
        sa.Column("since_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "test_id", "user_id", name="pk_leaderboard"),
    )
    op.create_index("ux_leaderboard_number", "leaderboard", ["org_id", "test_id", "number"], unique=True)
    op.create_index("ux_leaderboard_folded", "leaderboard", ["org_id", "test_id", "folded"], unique=True)
    op.create_index("ix_leaderboard_user", "leaderboard", ["org_id", "user_id"])
