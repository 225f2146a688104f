"""Events as they are read and delivered, and who is told of them."""

import sqlalchemy as sa
from alembic import op

from storage.columns import JsonText

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_BEGIN = """
INSERT INTO event_positions (org_id, position, pruned, audit_seq)
SELECT org_id, 0, 0, max(seq) FROM audit_log GROUP BY org_id
"""
"""Of what was done before, nobody is told."""


def _index(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "deliveries", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def upgrade() -> None:
    """Adds their tables."""
    op.create_table(
        "events",
        sa.Column("org_id", sa.Text, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("event_id", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("lane", sa.Text, nullable=False),
        sa.Column("user_id", sa.Text),
        sa.Column("data", JsonText, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "position", name="pk_events"),
    )
    op.create_index("ix_events_id", "events", ["org_id", "event_id"])
    op.create_index("ix_events_user", "events", ["org_id", "user_id"])
    op.create_index("ix_events_at_ms", "events", ["at_ms"])
    op.create_table(
        "event_positions",
        sa.Column("org_id", sa.Text, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("pruned", sa.BigInteger, nullable=False),
        sa.Column("audit_seq", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("org_id", name="pk_event_positions"),
    )
    op.execute(_BEGIN)
    op.create_table(
        "subscriptions",
        sa.Column("org_id", sa.Text, nullable=False),
        sa.Column("subscription_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("topics", JsonText, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("secrets", JsonText, nullable=False),
        sa.Column("enabled", sa.Boolean, nullable=False),
        sa.Column("why_off", sa.Text),
        sa.Column("created_at_ms", sa.BigInteger, nullable=False),
        sa.Column("changed_at_ms", sa.BigInteger, nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "subscription_id", name="pk_subscriptions"),
    )
    op.create_table(
        "deliveries",
        sa.Column("org_id", sa.Text, nullable=False),
        sa.Column("subscription_id", sa.Text, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("lane", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("due_ms", sa.BigInteger, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("made_ms", sa.BigInteger, nullable=False),
        sa.Column("give_up_ms", sa.BigInteger, nullable=False),
        sa.Column("tried_ms", sa.BigInteger),
        sa.Column("status", sa.Integer),
        sa.Column("error", sa.Text),
        sa.PrimaryKeyConstraint("org_id", "subscription_id", "position", name="pk_deliveries"),
    )
    _index("ix_deliveries_due", ["subscription_id", "due_ms"], "state = 'waiting'")
    _index("ix_deliveries_lane", ["subscription_id", "lane", "position"], "state = 'waiting'")
    _index("ix_deliveries_dead", ["org_id", "subscription_id", "position"], "state = 'dead'")
    _index("ix_deliveries_delivered", ["tried_ms"], "state = 'delivered'")
    op.create_index("ix_deliveries_event", "deliveries", ["org_id", "position"])
