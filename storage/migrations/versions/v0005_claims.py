"""When the id of a staff command was claimed."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds a column; a node of the version before leaves it empty."""
    op.add_column("staff_commands", sa.Column("claimed_at_ms", sa.BigInteger))
