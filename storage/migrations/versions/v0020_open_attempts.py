"""An index over attempts that have not ended."""

from alembic import op
from sqlalchemy import text

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_OPEN = "status = 'initiated' OR status = 'in_progress' OR status = 'paused'"


def upgrade() -> None:
    """Adds it."""
    op.create_index(
        "ix_test_attempts_open",
        "test_attempts",
        ["org_id", "test_id", "status", "attempt_id"],
        sqlite_where=text(_OPEN),
        postgresql_where=text(_OPEN),
    )
