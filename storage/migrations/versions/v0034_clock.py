"""When the clock was last found good to delete by."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column."""
    op.add_column("fleet", sa.Column("clock_ms", sa.BigInteger))
