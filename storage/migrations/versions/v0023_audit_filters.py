"""The audit log is searched by who acted and by test."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds both columns, with an index each."""
    op.add_column("audit_log", sa.Column("by_id", sa.Text))
    op.add_column("audit_log", sa.Column("test_id", sa.Text))
    op.create_index("ix_audit_log_by", "audit_log", ["org_id", "by_id", "seq"])
    op.create_index("ix_audit_log_test", "audit_log", ["org_id", "test_id", "seq"])
