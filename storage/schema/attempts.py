"""The log of attempts, and what is made of it."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from storage.columns import AttemptId, JsonText
from storage.schema.metadata import metadata

attempt_log: Final = Table(
    "attempt_log",
    metadata,
    Column("attempt_id", AttemptId, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("body", LargeBinary),
    Column("hash", LargeBinary, nullable=False),
    Column("written_at_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("attempt_id", "seq", name="pk_attempt_log"),
)
"""The truth. `seq`, `at_ms`, `kind` and `role` are the record's header, from which its bytes are made; `body` is empty
where it was erased; `written_at_ms` is the journal's clock when the record's transaction began. On SQLite it is not
clustered by its key: new records go to the end of the table, and only the narrow index is touched in many places (half
the cost)."""

attempt_keys: Final = Table(
    "attempt_keys",
    metadata,
    Column("attempt_id", AttemptId, nullable=False),
    Column("key", LargeBinary, nullable=False),
    PrimaryKeyConstraint("attempt_id", name="pk_attempt_keys"),
)
"""The key of each attempt, under which the bodies of its log are digested. A table of its own: whoever copies the log
or the snapshots does not copy the keys with them, and erasing replaces one row."""

snapshots: Final = Table(
    "snapshots",
    metadata,
    Column("attempt_id", AttemptId, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("head", LargeBinary, nullable=False),
    Column("last_n", BigInteger, nullable=False),
    Column("shape", LargeBinary, nullable=False),
    Column("state", LargeBinary, nullable=False),
)
"""The fold up to record `seq`, whose hash is `head`. `shape` says which version of the fold made `state`."""

courses: Final = Table(
    "courses",
    metadata,
    Column("attempt_id", AttemptId, nullable=False),
    Column("ended_ms", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("shape", LargeBinary, nullable=False),
    Column("course", LargeBinary, nullable=False),
    PrimaryKeyConstraint("attempt_id", name="pk_courses"),
)
"""What candidates did with each question of attempts that are over, folded from their logs up to record `seq`, after
the end at `ended_ms`. `shape` says which version of that fold made it. Kept for reports alone, and made again where it
is gone."""

OPEN_ATTEMPTS: Final = "status = 'initiated' OR status = 'in_progress' OR status = 'paused'"
"""Of a million attempts that have ended an index over these says nothing. A query uses it only where it names one of
them in so many words, not as a parameter."""

test_attempts: Final = Table(
    "test_attempts",
    metadata,
    Column("attempt_id", AttemptId, primary_key=True),
    Column("org_id", Text, nullable=False),
    Column("branch_id", Text),
    Column("test_id", Text, nullable=False),
    Column("test_version", Integer),
    Column("form_id", Text),
    Column("user_id", Text, nullable=False),
    Column("display_name", Text, nullable=False),
    Column("attempt_number", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("start_time", BigInteger),
    Column("submit_time", BigInteger),
    Column("expires_at", BigInteger),
    Column("progress_percentage", Integer, nullable=False),
    Column("current_question_index", Integer, nullable=False),
    Column("navigation_history", JsonText, nullable=False),
    Column("session_data", JsonText, nullable=False),
    Column("ip_address", Text),
    Column("user_agent", Text),
    Column("seq", BigInteger, nullable=False),
    Column("wake_at_ms", BigInteger),
    Column("marking_seq", BigInteger),
    Column("claimed_until_ms", BigInteger),
    Column("erased_at_ms", BigInteger),
    Column("archived_at_ms", BigInteger),
    # test + user comes first: a neighbour looks a candidate up by the two
    UniqueConstraint("test_id", "user_id", "org_id", "attempt_number", name="uq_test_attempts"),
    Index("ix_test_attempts_roster", "org_id", "test_id", "attempt_id"),
    Index("ix_test_attempts_branch", "org_id", "branch_id"),
    Index("ix_test_attempts_user", "org_id", "user_id"),
    Index("ix_test_attempts_status", "status"),
    Index("ix_test_attempts_time", "start_time", "expires_at"),
    Index("ix_test_attempts_progress", "progress_percentage"),
    # An argument named postgresql_where would import that dialect into every embedded server. The migrations, which
    # make the tables, say the condition to both databases.
    Index(
        "ix_test_attempts_wake",
        "wake_at_ms",
        sqlite_where=text("wake_at_ms IS NOT NULL"),
    ),
    Index(
        "ix_test_attempts_marking",
        "marking_seq",
        sqlite_where=text("marking_seq IS NOT NULL"),
    ),
    Index(
        "ix_test_attempts_open",
        "org_id",
        "test_id",
        "status",
        "attempt_id",
        sqlite_where=text(OPEN_ATTEMPTS),
    ),
    Index(
        "ix_test_attempts_over",
        "org_id",
        "submit_time",
        sqlite_where=text("submit_time IS NOT NULL AND archived_at_ms IS NULL"),
    ),
)
"""What the rest of the platform reads: each attempt as of its record `seq`. `test_version` is nil until the start.

`progress_percentage` follows in steps of ten while the attempt runs, and is exact from each change of status on.
`submit_time` is when it ended, however it ended; `expires_at` the deadline while a clock runs. `navigation_history`
holds the newest [question index, ms] pairs, `session_data` what else the monitor shows. `wake_at_ms` is the next
closing, `marking_seq` the record that made marking due, `claimed_until_ms` the lease of whoever sees to it. Where the
candidate was erased (`erased_at_ms`), `user_id` is her alias. Where the log is in an archive (`archived_at_ms`), only
what came after it went there is in `attempt_log`.
"""

archived_logs: Final = Table(
    "archived_logs",
    metadata,
    Column("attempt_id", AttemptId, nullable=False),
    Column("org_id", Text, nullable=False),
    Column("archive", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("head", LargeBinary, nullable=False),
    Column("archived_at_ms", BigInteger, nullable=False),
    Column("restored_at_ms", BigInteger),
    Column("dropped_at_ms", BigInteger),
    PrimaryKeyConstraint("attempt_id", name="pk_archived_logs"),
    Index("ix_archived_logs_archive", "archive"),
)
"""Logs that went into an archive: the records up to `seq`, whose hash is `head`. The key under which their bodies are
digested and sealed stays in `attempt_keys`. `restored_at_ms`: since when they are in the database again.
`dropped_at_ms`: since when the archive is deleted, and the key with it."""

answers: Final = Table(
    "answers",
    metadata,
    Column("attempt_id", AttemptId, nullable=False),
    Column("question_id", Text, nullable=False),
    Column("value", JsonText, nullable=False),
    Column("n", BigInteger, nullable=False),
    Column("answered_at_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("attempt_id", "question_id", name="pk_answers"),
    sqlite_with_rowid=False,
)
"""The last answer to each question, as of the attempt's snapshot."""

retention: Final = Table(
    "retention",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("archive_after_days", Integer),
    Column("drop_after_days", Integer),
    Column("audit_days", Integer),
    Column("delivery_days", Integer),
    Column("media_days", Integer),
    PrimaryKeyConstraint("org_id", name="pk_retention"),
)
"""How long an organisation keeps logs in the database, and archives afterwards, what its audit log says, what was
delivered, and files that no test names; nil, or no row: as the operator has it."""
