"""Files that no test names, and for how long organisations keep them."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the columns, and the table of names in a store whose bytes have to go."""
    op.add_column("retention", sa.Column("media_days", sa.Integer))
    op.add_column("media", sa.Column("unused_since_ms", sa.BigInteger))
    op.add_column("media", sa.Column("place", sa.Text))
    op.create_table(
        "left_media",
        sa.Column("org_id", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("deleted_at_ms", sa.BigInteger),
        sa.PrimaryKeyConstraint("org_id", "place", name="pk_left_media"),
    )
