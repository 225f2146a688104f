"""Keys by which services call."""

import sqlalchemy as sa
from alembic import op

from storage.columns import JsonText

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds their table."""
    op.create_table(
        "api_keys",
        sa.Column("org_id", sa.Text, nullable=False),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("reach", JsonText, nullable=False),
        sa.Column("secrets", JsonText, nullable=False),
        sa.Column("made_at_ms", sa.BigInteger, nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("changed_at_ms", sa.BigInteger, nullable=False),
        sa.Column("revoked_at_ms", sa.BigInteger),
        sa.Column("last_used_ms", sa.BigInteger),
        sa.PrimaryKeyConstraint("org_id", "key_id", name="pk_api_keys"),
    )
    op.create_index("ix_api_keys_changed_at_ms", "api_keys", ["changed_at_ms"])
