"""Pictures of candidates come from a camera, or are of a screen."""

import sqlalchemy as sa
from alembic import op

from storage.columns import AttemptId

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_MOVE = """
INSERT INTO captured_pictures (org_id, attempt_id, source, n, at_ms, delete_at_ms, type, size, data)
SELECT org_id, attempt_id, 'camera', n, at_ms, delete_at_ms, type, size, data FROM camera_pictures
"""


def upgrade() -> None:
    """Moves those that are there to a table whose key has their source."""
    op.create_table(
        "captured_pictures",
        sa.Column("org_id", sa.Text, nullable=False),
        sa.Column("attempt_id", AttemptId, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("n", sa.BigInteger, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("delete_at_ms", sa.BigInteger, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("attempt_id", "source", "n", name="pk_captured_pictures"),
    )
    op.create_index("ix_captured_pictures_org", "captured_pictures", ["org_id", "size"])
    op.create_index("ix_captured_pictures_delete", "captured_pictures", ["delete_at_ms"])
    op.execute(sa.text(_MOVE))
    op.drop_table("camera_pictures")
