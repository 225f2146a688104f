"""What each of two markers gave by the criteria of a rubric."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the columns."""
    op.add_column("marking_tasks", sa.Column("first_criteria", sa.Text))
    op.add_column("marking_tasks", sa.Column("second_criteria", sa.Text))
