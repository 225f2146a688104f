"""Marks, and who sees to them."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, PrimaryKeyConstraint, Table, Text

from storage.columns import AttemptId, JsonText
from storage.schema.metadata import metadata

results: Final = Table(
    "results",
    metadata,
    Column("attempt_id", AttemptId, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("score_mpt", BigInteger, nullable=False),
    Column("max_mpt", BigInteger, nullable=False),
    Column("awaiting_marks", Integer, nullable=False),
    Column("marks", JsonText, nullable=False),
    Column("result", JsonText, nullable=False),
    Column("saved_at_ms", BigInteger, nullable=False),
)
"""The newest marks, as of record `seq` of the attempt; `result` is the whole of it, as it goes over REST."""

result_versions: Final = Table(
    "result_versions",
    metadata,
    Column("attempt_id", AttemptId, nullable=False),
    Column("version", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("key_version", Integer, nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("score_mpt", BigInteger, nullable=False),
    Column("max_mpt", BigInteger, nullable=False),
    Column("result", JsonText, nullable=False),
    Column("saved_at_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("attempt_id", "version", name="pk_result_versions"),
)
"""All marks that an attempt has had. Rows are added and never changed; erasing takes what is personal out of them."""

releases: Final = Table(
    "releases",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("test_id", Text, nullable=False),
    Column("released_at_ms", BigInteger),
    Column("changed_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("org_id", "test_id", name="pk_releases"),
)
"""Since when staff show the results of a test to its candidates; empty: no longer."""

regrades: Final = Table(
    "regrades",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("regrade_id", Text, nullable=False),
    Column("test_id", Text, nullable=False),
    Column("key_version", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("by_id", Text, nullable=False),
    Column("position", AttemptId),
    Column("done", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("claimed_until_ms", BigInteger),
    Column("ended_at_ms", BigInteger),
    PrimaryKeyConstraint("org_id", "regrade_id", name="pk_regrades"),
    Index("ix_regrades_ended_at_ms", "ended_at_ms"),
)
"""Regrades that were asked for. `position` is the last attempt that has been seen to, `claimed_until_ms` the lease of
the node that goes on with it."""

marking_tasks: Final = Table(
    "marking_tasks",
    metadata,
    Column("attempt_id", AttemptId, nullable=False),
    Column("question_id", Text, nullable=False),
    Column("org_id", Text, nullable=False),
    Column("test_id", Text, nullable=False),
    Column("stage", Integer, nullable=False),
    Column("returned", Boolean, nullable=False),
    Column("answer", LargeBinary),
    Column("first_by", Text),
    Column("first_mpt", BigInteger),
    Column("first_remark", Text),
    Column("first_criteria", Text),
    Column("second_by", Text),
    Column("second_mpt", BigInteger),
    Column("second_remark", Text),
    Column("second_criteria", Text),
    Column("claimed_by", Text),
    Column("claimed_until_ms", BigInteger),
    Column("added_at_ms", BigInteger, nullable=False),
    Column("done_at_ms", BigInteger),
    Column("handle", AttemptId, nullable=False),
    PrimaryKeyConstraint("attempt_id", "question_id", name="pk_marking_tasks"),
    Index("ix_marking_tasks_queue", "org_id", "test_id", "done_at_ms", "question_id", "handle"),
    Index("ix_marking_tasks_handle", "handle"),
)
"""Answers that a person marks: those that wait, and (`done_at_ms`) those that no longer do. `stage` is a
`second_marking.Stage`; `first_*` and `second_*` are marks that do not count yet, given for the answer with the
fingerprint `answer`. `claimed_until_ms` is the lease of the person who has it in hand."""

leaderboard: Final = Table(
    "leaderboard",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("test_id", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("pseudonym", Text),
    Column("folded", Text),
    Column("since_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("org_id", "test_id", "user_id", name="pk_leaderboard"),
    Index("ux_leaderboard_number", "org_id", "test_id", "number", unique=True),
    Index("ux_leaderboard_folded", "org_id", "test_id", "folded", unique=True),
    Index("ix_leaderboard_user", "org_id", "user_id"),
)
"""Candidates who chose to stand on the leaderboard of a test. `folded` is what pseudonyms that look alike have in
common: nobody has another's."""
