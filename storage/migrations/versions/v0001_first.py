"""The first schema."""

import sqlalchemy as sa
from alembic import op

from storage.columns import AttemptId, JsonText

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes every table."""
    op.create_table(
        "attempt_log",
        sa.Column("attempt_id", AttemptId, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("body", sa.LargeBinary),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("written_at_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("attempt_id", "seq", name="pk_attempt_log"),
    )
    op.create_table(
        "attempt_keys",
        sa.Column("attempt_id", AttemptId, nullable=False),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("attempt_id", name="pk_attempt_keys"),
    )
    op.create_table(
        "snapshots",
        sa.Column("attempt_id", AttemptId, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("head", sa.LargeBinary, nullable=False),
        sa.Column("last_n", sa.BigInteger, nullable=False),
        sa.Column("shape", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("attempt_id", name="pk_snapshots"),
    )
    _make_test_attempts()
    op.create_table(
        "answers",
        sa.Column("attempt_id", AttemptId, nullable=False),
        sa.Column("question_id", sa.Text, nullable=False),
        sa.Column("value", JsonText, nullable=False),
        sa.Column("n", sa.BigInteger, nullable=False),
        sa.Column("answered_at_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("attempt_id", "question_id", name="pk_answers"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "results",
        sa.Column("attempt_id", AttemptId, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("complete", sa.Boolean, nullable=False),
        sa.Column("score_mpt", sa.BigInteger, nullable=False),
        sa.Column("max_mpt", sa.BigInteger, nullable=False),
        sa.Column("awaiting_marks", sa.Integer, nullable=False),
        sa.Column("marks", JsonText, nullable=False),
        sa.Column("result", JsonText, nullable=False),
        sa.Column("saved_at_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("attempt_id", name="pk_results"),
    )
    op.create_table(
        "tests",
        sa.Column("org_id", sa.Text, nullable=False),
        sa.Column("test_id", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("content", JsonText, nullable=False),
        sa.Column("content_hash", sa.LargeBinary, nullable=False),
        sa.Column("created_at_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "test_id", "version", name="pk_tests"),
    )
    op.create_table(
        "outbox",
        sa.Column("attempt_id", AttemptId, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("payload", JsonText, nullable=False),
        sa.Column("delivered_at_ms", sa.BigInteger),
        sa.PrimaryKeyConstraint("attempt_id", "seq", name="pk_outbox"),
    )
    _make_partial_index("ix_outbox_pending", "outbox", ["at_ms", "attempt_id", "seq"], "delivered_at_ms IS NULL")


def _make_test_attempts() -> None:
    op.create_table(
        "test_attempts",
        sa.Column("attempt_id", AttemptId, nullable=False),
        sa.Column("org_id", sa.Text, nullable=False),
        sa.Column("branch_id", sa.Text),
        sa.Column("test_id", sa.Text, nullable=False),
        sa.Column("test_version", sa.Integer),
        sa.Column("form_id", sa.Text),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("display_name", sa.Text, nullable=False),
        sa.Column("attempt_number", sa.Integer, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("start_time", sa.BigInteger),
        sa.Column("submit_time", sa.BigInteger),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("progress_percentage", sa.Integer, nullable=False),
        sa.Column("current_question_index", sa.Integer, nullable=False),
        sa.Column("navigation_history", JsonText, nullable=False),
        sa.Column("session_data", JsonText, nullable=False),
        sa.Column("ip_address", sa.Text),
        sa.Column("user_agent", sa.Text),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("wake_at_ms", sa.BigInteger),
        sa.Column("marking_seq", sa.BigInteger),
        sa.Column("claimed_until_ms", sa.BigInteger),
        sa.PrimaryKeyConstraint("attempt_id", name="pk_test_attempts"),
        sa.UniqueConstraint("test_id", "user_id", "org_id", "attempt_number", name="uq_test_attempts"),
    )
    op.create_index("ix_test_attempts_roster", "test_attempts", ["org_id", "test_id", "attempt_id"])
    op.create_index("ix_test_attempts_branch", "test_attempts", ["org_id", "branch_id"])
    op.create_index("ix_test_attempts_status", "test_attempts", ["status"])
    op.create_index("ix_test_attempts_time", "test_attempts", ["start_time", "expires_at"])
    op.create_index("ix_test_attempts_progress", "test_attempts", ["progress_percentage"])
    _make_partial_index("ix_test_attempts_wake", "test_attempts", ["wake_at_ms"], "wake_at_ms IS NOT NULL")
    _make_partial_index("ix_test_attempts_marking", "test_attempts", ["marking_seq"], "marking_seq IS NOT NULL")


def _make_partial_index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
