"""What candidates did with each question, of attempts that are over."""

import sqlalchemy as sa
from alembic import op

from storage.columns import AttemptId

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds their table."""
    op.create_table(
        "courses",
        sa.Column("attempt_id", AttemptId, nullable=False),
        sa.Column("ended_ms", sa.BigInteger, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("shape", sa.LargeBinary, nullable=False),
        sa.Column("course", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("attempt_id", name="pk_courses"),
    )
