"""For how long organisations keep logs and archives."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the table."""
    op.create_table(
        "retention",
        sa.Column("org_id", sa.Text, nullable=False),
        sa.Column("archive_after_days", sa.Integer),
        sa.Column("drop_after_days", sa.Integer),
        sa.PrimaryKeyConstraint("org_id", name="pk_retention"),
    )
