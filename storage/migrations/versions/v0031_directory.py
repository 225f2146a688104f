"""What an identity provider says of people and groups."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the columns, and by which they are looked for."""
    for name in ("user_name", "user_name_key", "external_id", "given_name", "family_name"):
        op.add_column("people", sa.Column(name, sa.Text))
    op.add_column("people", sa.Column("off", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("people", sa.Column("made_at_ms", sa.BigInteger))
    op.add_column("groups", sa.Column("external_id", sa.Text))
    op.execute("UPDATE people SET user_name_key = lower(user_id)")
    op.create_index("ix_people_user_name", "people", ["org_id", "user_name_key"])
    op.create_index("ix_people_external_id", "people", ["org_id", "external_id"])
