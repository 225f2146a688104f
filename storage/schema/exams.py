"""Tests and files."""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, PrimaryKeyConstraint, Table, Text

from storage.columns import AttemptId, JsonText
from storage.schema.metadata import metadata

tests: Final = Table(
    "tests",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("test_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("content", JsonText, nullable=False),
    Column("content_hash", LargeBinary, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("org_id", "test_id", "version", name="pk_tests"),
)
"""Tests by version. A version never changes: who stores another content makes the next one."""

media: Final = Table(
    "media",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("width", Integer),
    Column("height", Integer),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("data", LargeBinary),
    Column("unused_since_ms", BigInteger),
    Column("place", Text),
    PrimaryKeyConstraint("org_id", "hash", name="pk_media"),
)
"""Files of tests: pictures, sounds, films, exhibits. `hash` is that of the bytes, in hexadecimal; `type` is their media
type; `data` is empty where the bytes lie in a store, under the name `place`, or under `hash` where it is nil. A row
never changes but for `unused_since_ms`: when it was found that no test names the file; nil: one does, or nobody has
looked."""

left_media: Final = Table(
    "left_media",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("deleted_at_ms", BigInteger),
    PrimaryKeyConstraint("org_id", "place", name="pk_left_media"),
)
"""Names in a store whose file has no row any more. `deleted_at_ms`: when its bytes went; nil: they have to go. Nothing
is stored under such a name again, so that whoever deletes late deletes nothing new."""

answer_files: Final = Table(
    "answer_files",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("attempt_id", AttemptId, nullable=False),
    Column("hash", Text, nullable=False),
    Column("piece", Integer, nullable=False),
    Column("type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("data", LargeBinary, nullable=False),
    PrimaryKeyConstraint("attempt_id", "hash", "piece", name="pk_answer_files"),
    Index("ix_answer_files_org", "org_id", "piece"),
)
"""Files that candidates hand in, in pieces from 0 on; `size` is that of the whole. A row never changes."""

captured_pictures: Final = Table(
    "captured_pictures",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("attempt_id", AttemptId, nullable=False),
    Column("source", Text, nullable=False),
    Column("n", BigInteger, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("delete_at_ms", BigInteger, nullable=False),
    Column("type", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),
    PrimaryKeyConstraint("attempt_id", "source", "n", name="pk_captured_pictures"),
    Index("ix_captured_pictures_org", "org_id", "size"),
    Index("ix_captured_pictures_delete", "delete_at_ms"),
)
"""Pictures of candidates who sit, from their cameras and of their screens. `n` is the interval since the start in which
one was taken: of each source there is one at most. It is kept until `delete_at_ms`, as the candidate was told. A row
never changes."""
