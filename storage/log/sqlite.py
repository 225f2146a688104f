"""The journal's transactions on SQLite: one hop to the writing thread each."""

import sqlite3
from collections.abc import Sequence

from storage.columns import unpack_id
from storage.earlier import EARLIER, by_person
from storage.errors import StorageUnavailable
from storage.log.batch import NotWritten, OutcomeUnknown, Rows, Unstorable, judge
from storage.sqlite import SqliteEngine
from storage.statements import ATTEMPTS, KEYS, LOG, NEW_ATTEMPTS, OUTBOX, hashes_at

_EXISTS = "SELECT 1 FROM attempt_log WHERE attempt_id = ? AND seq = ?"

_VALUES_AT_FAULT = (sqlite3.DataError, sqlite3.ProgrammingError, sqlite3.InterfaceError, OverflowError, UnicodeError)


class SqliteLogWriter:
    """See `LogWriter`."""

    def __init__(self, engine: SqliteEngine) -> None:
        self._engine = engine

    async def hashes(self, positions: Sequence[tuple[str, int]]) -> dict[tuple[str, int], bytes]:
        try:
            return await self._engine.read(lambda connection: hashes_at(connection, positions))
        except StorageUnavailable as error:
            raise NotWritten(str(error)) from error

    async def write(self, rows: Rows) -> dict[str, str]:
        try:
            return await self._engine.write_first(lambda connection: _write(connection, rows))
        except StorageUnavailable as error:
            # Nothing has begun: the connection could not be made, or another process is writing.
            raise NotWritten(str(error)) from error

    async def outlast(self) -> None:
        """A failed commit (the disk could not be synced) may have left its pages in the write-ahead log. After a crash
        they would come back with the next opening. So this empties that log, durably."""
        try:
            await self._engine.write_first(_empty_log)
        except StorageUnavailable as error:
            raise NotWritten(str(error)) from error

    async def close(self) -> None:
        """The connection belongs to the engine."""


def _empty_log(connection: sqlite3.Connection) -> None:
    (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise NotWritten("SQLite: somebody reads for too long")


def _write(connection: sqlite3.Connection, rows: Rows) -> dict[str, str]:
    try:
        connection.execute("BEGIN IMMEDIATE")
        against = _insert(connection, rows)
    except _VALUES_AT_FAULT as error:
        connection.rollback()
        raise Unstorable(type(error).__name__) from error
    except sqlite3.IntegrityError as error:
        connection.rollback()
        raise Unstorable(str(error)) from error
    except sqlite3.Error as error:
        # The connection is closed on the way out, which rolls back.
        raise NotWritten(f"SQLite: {error}") from error
    if against:
        connection.rollback()
        return against
    try:
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise OutcomeUnknown(f"SQLite: {error}") from error
    return {}


def _insert(connection: sqlite3.Connection, rows: Rows) -> dict[str, str]:
    if rows.preconditions:
        against = _unmet(connection, rows)
        if against:
            return against
    try:
        connection.executemany(LOG.sqlite, rows.log)
    except sqlite3.IntegrityError:
        # The rows before the one that failed are in the table until we roll back.
        connection.rollback()
        fenced = {unpack_id(row[0]) for row in rows.log if connection.execute(_EXISTS, row[:2]).fetchone()}
        if not fenced:
            raise
        return dict.fromkeys(fenced, "fenced")
    if rows.created:
        connection.executemany(KEYS.sqlite, rows.keys)
        connection.executemany(NEW_ATTEMPTS.sqlite, rows.created)
    if rows.updated:
        connection.executemany(ATTEMPTS.sqlite, rows.updated)
    if rows.outbox:
        connection.executemany(OUTBOX.sqlite, rows.outbox)
    return {}


def _unmet(connection: sqlite3.Connection, rows: Rows) -> dict[str, str]:
    """The attempts that can't be open, and why."""
    persons = {one.person for one in rows.preconditions}
    found = [row for person in persons for row in connection.execute(EARLIER.sqlite, person)]
    return judge(rows.preconditions, by_person(found))
