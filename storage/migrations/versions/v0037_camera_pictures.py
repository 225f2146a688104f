"""Pictures from candidates' cameras."""

import sqlalchemy as sa
from alembic import op

from storage.columns import AttemptId

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds their table."""
    op.create_table(
        "camera_pictures",
        sa.Column("org_id", sa.Text, nullable=False),
        sa.Column("attempt_id", AttemptId, nullable=False),
        sa.Column("n", sa.BigInteger, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("delete_at_ms", sa.BigInteger, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("attempt_id", "n", name="pk_camera_pictures"),
    )
    op.create_index("ix_camera_pictures_org", "camera_pictures", ["org_id", "size"])
    op.create_index("ix_camera_pictures_delete", "camera_pictures", ["delete_at_ms"])
