"""People are listed by their names."""

from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the index that a page of that list is read from."""
    op.create_index("ix_people_name", "people", ["org_id", "name", "user_id"])
