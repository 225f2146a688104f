"""People, groups, enrolments and overrides."""

import sqlalchemy as sa
from alembic import op

from storage.columns import JsonText

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds tables, and an index by which a person's attempts are found."""
    op.create_table(
        "people",
        sa.Column("org_id", sa.Text, nullable=False),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("email", sa.Text),
        sa.Column("branch_id", sa.Text),
        sa.Column("changed_at_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "user_id", name="pk_people"),
    )
    op.create_table(
        "groups",
        sa.Column("org_id", sa.Text, nullable=False),
        sa.Column("group_id", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "group_id", name="pk_groups"),
    )
    op.create_table(
        "group_members",
        sa.Column("org_id", sa.Text, nullable=False),
        sa.Column("group_id", sa.Text, nullable=False),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "group_id", "user_id", name="pk_group_members"),
    )
    op.create_index("ix_group_members_user", "group_members", ["org_id", "user_id"])
    op.create_table(
        "enrolments",
        sa.Column("org_id", sa.Text, nullable=False),
        sa.Column("to_kind", sa.Text, nullable=False),
        sa.Column("to_id", sa.Text, nullable=False),
        sa.Column("who_kind", sa.Text, nullable=False),
        sa.Column("who_id", sa.Text, nullable=False),
        sa.Column("access_code_digest", sa.LargeBinary),
        sa.Column("form_id", sa.Text),
        sa.PrimaryKeyConstraint("org_id", "to_kind", "to_id", "who_kind", "who_id", name="pk_enrolments"),
    )
    op.create_index("ix_enrolments_who", "enrolments", ["org_id", "who_kind", "who_id"])
    op.create_table(
        "overrides",
        sa.Column("org_id", sa.Text, nullable=False),
        sa.Column("who_kind", sa.Text, nullable=False),
        sa.Column("who_id", sa.Text, nullable=False),
        sa.Column("test_id", sa.Text, nullable=False),
        sa.Column("override", JsonText, nullable=False),
        sa.Column("changed_at_ms", sa.BigInteger, nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "who_kind", "who_id", "test_id", name="pk_overrides"),
    )
    op.create_index("ix_overrides_test", "overrides", ["org_id", "test_id"])
    op.create_table(
        "people_revisions",
        sa.Column("org_id", sa.Text, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("org_id", name="pk_people_revisions"),
    )
    op.create_index("ix_test_attempts_user", "test_attempts", ["org_id", "user_id"])
