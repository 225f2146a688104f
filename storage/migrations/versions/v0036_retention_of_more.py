"""For how long organisations keep audit entries and deliveries."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the columns."""
    for name in ("audit_days", "delivery_days"):
        op.add_column("retention", sa.Column(name, sa.Integer))
