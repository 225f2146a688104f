"""Ids of staff commands."""

import sqlalchemy as sa
from alembic import op

from storage.columns import AttemptId

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds their table."""
    op.create_table(
        "staff_commands",
        sa.Column("org_id", sa.Text, nullable=False),
        sa.Column("command_id", sa.Text, nullable=False),
        sa.Column("attempt_id", AttemptId, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "command_id", name="pk_staff_commands"),
    )
