"""The version that the fleet speaks, and what each node speaks."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds a table with its one row, and two columns. Nodes of before speak version 1."""
    fleet = op.create_table(
        "fleet",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_fleet"),
    )
    op.bulk_insert(fleet, [{"id": 1, "version": 1}])
    op.add_column("nodes", sa.Column("speaks", sa.Integer, nullable=False, server_default="1"))
    op.add_column("nodes", sa.Column("left_ms", sa.BigInteger))
