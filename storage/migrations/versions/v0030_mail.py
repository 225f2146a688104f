"""Letters: how they are written, and who gets none."""

import sqlalchemy as sa
from alembic import op

from storage.columns import JsonText

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column and the table."""
    op.add_column("subscriptions", sa.Column("mail", JsonText))
    op.create_table(
        "mail_stops",
        sa.Column("org_id", sa.Text, nullable=False),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("stopped_at_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "user_id", name="pk_mail_stops"),
    )
