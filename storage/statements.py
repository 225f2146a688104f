"""Every statement that takes many rows at once. The journal and the snapshots run these all day.

SQLite runs it once per row in C (`executemany`). PostgreSQL takes whole columns as arrays, in one round trip, which is
about three times cheaper than row by row.
"""

from collections.abc import Iterable, Sequence
from contextlib import closing
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from protocol.codes import Code
from protocol.errors import Refused, refuse
from storage.columns import pack_id, unpack_id

Row = tuple[Any, ...]
Columns = tuple[tuple[str, str], ...]
"""(name, PostgreSQL type), in the order of a row's values."""


class RowStatement(msgspec.Struct, frozen=True):
    """One statement for both databases. In `postgresql`, `{rows}` stands for the rows, as a table `p`."""

    columns: Columns
    sqlite: str
    postgresql: str

    def numbered(self, first: int = 1) -> str:
        """The text for PostgreSQL, its parameters (one array per column) numbered from `first`."""
        arrays = ", ".join(f"${first + i}::{_in_array(kind)}[]" for i, (_, kind) in enumerate(self.columns))
        names = ", ".join(name for name, _ in self.columns)
        return self.postgresql.replace("{rows}", f"unnest({arrays}) AS p({names})")

    def run(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Executes it over `rows`; nothing where there are none."""
        if not rows:
            return
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(self.sqlite, list(rows))
        else:
            connection.exec_driver_sql(self.numbered(), arrays_of(rows))

    def find(self, connection: Connection, keys: Sequence[Row]) -> list[Row]:
        """The rows that a query finds for `keys`, in no order. The statement is the same for any number of keys, so it
        is composed, prepared and planned once."""
        if not keys:
            return []
        if connection.dialect.name != "sqlite":
            return [tuple(row) for row in connection.exec_driver_sql(self.numbered(), arrays_of(keys))]
        # The driver's own cursor: going through SQLAlchemy takes several times as long as the look-up itself.
        with closing(connection.connection.cursor()) as cursor:
            found: list[Row] = []
            for key in keys:
                cursor.execute(self.sqlite, key)
                found += cursor.fetchall()
            return found


def arrays_of(rows: Iterable[Row]) -> tuple[list[Any], ...]:
    """The columns of `rows`."""
    return tuple(list(column) for column in zip(*rows, strict=True))


def _in_array(kind: str) -> str:
    return "text" if kind == "json" else kind


def _value(name: str, kind: str) -> str:
    return f"p.{name}::json" if kind == "json" else f"p.{name}"


def _insert(table: str, columns: Columns, conflict: str = "") -> RowStatement:
    names = ", ".join(name for name, _ in columns)
    marks = ", ".join("?" for _ in columns)
    values = ", ".join(_value(name, kind) for name, kind in columns)
    return RowStatement(
        columns,
        f"INSERT INTO {table} ({names}) VALUES ({marks}) {conflict}",  # noqa: S608 -- constants of this module
        f"INSERT INTO {table} ({names}) SELECT {values} FROM {{rows}} {conflict}",  # noqa: S608
    )


def _update_attempts(columns: Columns, sqlite_extra: str = "", postgresql_extra: str = "") -> RowStatement:
    """Moves the projection from an older record to a newer one, never back."""
    changed = [(position, name, kind) for position, (name, kind) in enumerate(columns, 1) if (name, kind) in _STATE]
    sqlite_sets = ", ".join(f"{name} = ?{position}" for position, name, _ in changed)
    postgresql_sets = ", ".join(f"{name} = {_value(name, kind)}" for _, name, kind in changed)
    seq = next(position for position, name, _ in changed if name == "seq")
    return RowStatement(
        columns,
        f"UPDATE test_attempts SET {sqlite_sets}{sqlite_extra} WHERE attempt_id = ?1 AND seq < ?{seq}",  # noqa: S608
        f"UPDATE test_attempts AS t SET {postgresql_sets}{postgresql_extra}"  # noqa: S608
        " FROM {rows} WHERE t.attempt_id = p.attempt_id AND t.seq < p.seq",
    )


_ID: Final[Columns] = (("attempt_id", "uuid"),)

_WHO: Final[Columns] = (
    ("org_id", "text"),
    ("branch_id", "text"),
    ("test_id", "text"),
    ("form_id", "text"),
    ("user_id", "text"),
    ("display_name", "text"),
    ("attempt_number", "integer"),
)

_STATE: Final[Columns] = (
    ("seq", "bigint"),
    ("test_version", "integer"),
    ("status", "text"),
    ("start_time", "bigint"),
    ("submit_time", "bigint"),
    ("expires_at", "bigint"),
    ("progress_percentage", "integer"),
    ("current_question_index", "integer"),
    ("navigation_history", "json"),
    ("session_data", "json"),
    ("wake_at_ms", "bigint"),
)

_MARKING: Final[Columns] = (("marking", "bigint"),)
KEEP_MARKING: Final = -1
"""Values of `marking`: -1: unchanged; NULL: nothing is due; n: due since record n."""

LOG: Final = _insert(
    "attempt_log",
    (
        *_ID,
        ("seq", "bigint"),
        ("at_ms", "bigint"),
        ("kind", "text"),
        ("role", "text"),
        ("digest", "bytea"),
        ("body", "bytea"),
        ("hash", "bytea"),
        ("written_at_ms", "bigint"),
    ),
)

KEYS: Final = _insert("attempt_keys", (*_ID, ("key", "bytea")))

NEW_ATTEMPTS: Final = _insert("test_attempts", (*_ID, *_WHO, *_STATE, ("marking_seq", "bigint")))

ATTEMPTS: Final = _update_attempts(
    (*_ID, *_STATE, *_MARKING),
    # A claim ends here: its work is done, or will be claimed again.
    ", claimed_until_ms = NULL, marking_seq = CASE ?13 WHEN -1 THEN marking_seq ELSE ?13 END",
    ", claimed_until_ms = NULL, marking_seq = CASE p.marking WHEN -1 THEN t.marking_seq ELSE p.marking END",
)

_PROGRESS: Final[Columns] = (
    ("seq", "bigint"),
    ("progress_percentage", "integer"),
    ("current_question_index", "integer"),
    ("navigation_history", "json"),
    ("session_data", "json"),
)
PROGRESS: Final = RowStatement(
    (*_ID, *_PROGRESS),
    "UPDATE test_attempts SET seq = ?2, progress_percentage = CASE WHEN abs(progress_percentage - ?3) >= 10 THEN ?3"
    " ELSE progress_percentage END, current_question_index = ?4, navigation_history = ?5, session_data = ?6"
    " WHERE attempt_id = ?1 AND seq < ?2",
    "UPDATE test_attempts AS t SET seq = p.seq, progress_percentage = CASE WHEN abs(t.progress_percentage -"
    " p.progress_percentage) >= 10 THEN p.progress_percentage ELSE t.progress_percentage END,"
    " current_question_index = p.current_question_index, navigation_history = p.navigation_history::json,"
    " session_data = p.session_data::json FROM {rows} WHERE t.attempt_id = p.attempt_id AND t.seq < p.seq",
)
"""What a snapshot brings up to date; all else changes with the records that change it. `progress_percentage` has an
index, and a row whose indexed values change needs a new entry in every index of the table: it follows in steps of ten,
and is exact from each change of status on."""

ADDRESSES: Final = RowStatement(
    (*_ID, ("ip_address", "text"), ("user_agent", "text")),
    "UPDATE test_attempts SET ip_address = ?2, user_agent = ?3 WHERE attempt_id = ?1 AND erased_at_ms IS NULL",
    "UPDATE test_attempts AS t SET ip_address = p.ip_address, user_agent = p.user_agent"
    " FROM {rows} WHERE t.attempt_id = p.attempt_id AND t.erased_at_ms IS NULL",
)

MARKED: Final = RowStatement(
    (*_ID, ("seq", "bigint")),
    "UPDATE test_attempts SET marking_seq = NULL, claimed_until_ms = NULL WHERE attempt_id = ?1 AND marking_seq <= ?2",
    "UPDATE test_attempts AS t SET marking_seq = NULL, claimed_until_ms = NULL"
    " FROM {rows} WHERE t.attempt_id = p.attempt_id AND t.marking_seq <= p.seq",
)

RESULTS: Final = _insert(
    "results",
    (
        *_ID,
        ("seq", "bigint"),
        ("status", "text"),
        ("complete", "boolean"),
        ("score_mpt", "bigint"),
        ("max_mpt", "bigint"),
        ("awaiting_marks", "integer"),
        ("marks", "json"),
        ("result", "json"),
        ("saved_at_ms", "bigint"),
    ),
    "ON CONFLICT (attempt_id) DO UPDATE SET seq = excluded.seq, status = excluded.status,"
    " complete = excluded.complete, score_mpt = excluded.score_mpt, max_mpt = excluded.max_mpt,"
    " awaiting_marks = excluded.awaiting_marks, marks = excluded.marks, result = excluded.result,"
    " saved_at_ms = excluded.saved_at_ms WHERE results.seq <= excluded.seq",
)

OUTBOX: Final = _insert(
    "outbox", (*_ID, ("seq", "bigint"), ("topic", "text"), ("at_ms", "bigint"), ("payload", "json"))
)

DELIVERED: Final = RowStatement(
    (*_ID, ("seq", "bigint")),
    "DELETE FROM outbox WHERE attempt_id = ? AND seq = ?",
    "DELETE FROM outbox AS o USING {rows} WHERE o.attempt_id = p.attempt_id AND o.seq = p.seq",
)

SNAPSHOTS: Final = _insert(
    "snapshots",
    (*_ID, ("seq", "bigint"), ("head", "bytea"), ("last_n", "bigint"), ("shape", "bytea"), ("state", "bytea")),
    "ON CONFLICT (attempt_id) DO UPDATE SET seq = excluded.seq, head = excluded.head, last_n = excluded.last_n,"
    " shape = excluded.shape, state = excluded.state WHERE snapshots.seq < excluded.seq",
)

ANSWERS: Final = _insert(
    "answers",
    (*_ID, ("question_id", "text"), ("value", "json"), ("n", "bigint"), ("answered_at_ms", "bigint")),
    "ON CONFLICT (attempt_id, question_id) DO UPDATE SET value = excluded.value, n = excluded.n,"
    " answered_at_ms = excluded.answered_at_ms WHERE answers.n < excluded.n",
)

ANSWERS_TAKEN_BACK: Final = RowStatement(
    (*_ID, ("question_id", "text")),
    "DELETE FROM answers WHERE attempt_id = ? AND question_id = ?",
    "DELETE FROM answers AS a USING {rows} WHERE a.attempt_id = p.attempt_id AND a.question_id = p.question_id",
)

HASHES: Final = RowStatement(
    (*_ID, ("seq", "bigint")),
    "SELECT attempt_id, seq, hash FROM attempt_log WHERE attempt_id = ? AND seq = ?",
    "SELECT p.attempt_id::text, p.seq, l.hash FROM {rows} JOIN attempt_log AS l USING (attempt_id, seq)",
)
"""The hashes of the given records, as far as they are in the log."""

POSITIONS: Final = RowStatement(
    _ID,
    # One step in the index for each attempt; grouping would walk over all their records.
    "SELECT attempt_id, seq FROM attempt_log WHERE attempt_id = ? ORDER BY seq DESC LIMIT 1",
    "SELECT p.attempt_id::text, l.seq FROM {rows} CROSS JOIN LATERAL"
    " (SELECT seq FROM attempt_log WHERE attempt_id = p.attempt_id ORDER BY seq DESC LIMIT 1) AS l",
)
"""The number of the last record of each log."""

REST_CONTACTS: Final = RowStatement(
    (("connection_id", "text"),),
    "SELECT connection_id, seen_ms FROM rest_contacts WHERE connection_id = ?",
    "SELECT c.connection_id, c.seen_ms FROM {rows} JOIN rest_contacts AS c USING (connection_id)",
)

SNAPSHOTS_KEPT: Final = RowStatement(
    _ID,
    "SELECT attempt_id, seq, last_n FROM snapshots WHERE attempt_id = ?",
    "SELECT p.attempt_id::text, s.seq, s.last_n FROM {rows} JOIN snapshots AS s USING (attempt_id)",
)

ANSWERS_KEPT: Final = RowStatement(
    _ID,
    "SELECT attempt_id, count(*) FROM answers WHERE attempt_id = ? GROUP BY attempt_id",
    "SELECT p.attempt_id::text, count(*) FROM {rows} JOIN answers AS a USING (attempt_id) GROUP BY p.attempt_id",
)


ERASED: Final = RowStatement(
    _ID,
    "SELECT attempt_id, erased_at_ms FROM test_attempts WHERE attempt_id = ?",
    "SELECT t.attempt_id::text, t.erased_at_ms FROM test_attempts AS t JOIN {rows} USING (attempt_id)"
    " ORDER BY t.attempt_id FOR NO KEY UPDATE OF t",
)
"""Locks the attempts: whoever erases one waits until the transaction has ended."""


def key_of(dialect: str, attempt_id: str) -> Any:
    """An attempt's id as the driver takes it."""
    return pack_id(attempt_id) if dialect == "sqlite" else attempt_id


def id_of(value: Any) -> str:
    """An attempt's id as the driver gives it."""
    return unpack_id(value) if isinstance(value, bytes) else str(value)


def hashes_at(connection: Connection, positions: Sequence[tuple[str, int]]) -> dict[tuple[str, int], bytes]:
    """(attempt, seq) → hash, for the records that are in the log."""
    dialect = connection.dialect.name
    keys = [(key_of(dialect, attempt_id), seq) for attempt_id, seq in positions]
    return {(id_of(attempt_id), seq): digest for attempt_id, seq, digest in HASHES.find(connection, keys)}


def erased_among(connection: Connection, attempt_ids: Iterable[str]) -> set[str]:
    """Those of the attempts whose candidate was erased. None of the others will be before the transaction ends."""
    keys = [(key_of(connection.dialect.name, attempt_id),) for attempt_id in attempt_ids]
    return {id_of(key) for key, erased_at_ms in ERASED.find(connection, keys) if erased_at_ms is not None}


def refuse_erased(connection: Connection, attempt_id: str) -> None:
    """To be called before anything else in a transaction that writes down whose attempt it is, since that was read
    before: whoever erases her waits, and finds it, or has been here. Raises `Refused`."""
    if erased_among(connection, [attempt_id]):
        raise Refused(refuse(Code.ERASED))
