"""The embedded database: one thread that writes, a few that read.

SQLite has one writer at a time anyway, and some of its versions can corrupt a write-ahead log that two connections
write or checkpoint at the same moment. So there is one writing connection, and a lock file beside the database keeps
other processes' writing connections out while it is at work.
"""

import asyncio
import fcntl
import os
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from storage.errors import AlreadyServed, StorageUnavailable
from storage.log.writing_thread import WritingThread

T = TypeVar("T")

READERS: Final = 4
"""Reading connections, a thread each: enough to keep a disk busy, few enough to leave the processor to the loop."""
BUSY_TIMEOUT_S: Final = 5.0
"""How long to wait for another process that writes."""
CHECKPOINT_PAGES: Final = 1_000
"""4 MB of log between checkpoints. Each waits for the disk twice, and whoever commits next waits for it: after 16 MB
for 35 ms on a busy core."""


def connect(path: Path, *, readonly: bool) -> sqlite3.Connection:
    """A connection as we want them: explicit transactions, durable commits."""
    mode = "ro" if readonly else "rwc"
    if not readonly:
        keep_private(path)
    connection = sqlite3.connect(
        f"file:{quote(str(path))}?mode={mode}",
        uri=True,
        timeout=BUSY_TIMEOUT_S,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        _prepare(connection, readonly=readonly)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, *, readonly: bool) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    if not readonly:
        (journal_mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        if journal_mode != "wal":
            raise sqlite3.OperationalError(f"the file system allows no write-ahead log (got {journal_mode})")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")


def keep_private(path: Path) -> None:
    """Makes the database's file readable for its owner alone. A file that exists loses access for others. SQLite gives
    the files beside it (`-wal`, `-shm`) the same permissions."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError:
        return  # SQLite says by itself why the file cannot be opened
    for one in (path, *(path.with_name(path.name + suffix) for suffix in ("-wal", "-shm"))):
        with suppress(OSError):
            mode = stat.S_IMODE(one.stat().st_mode)
            if mode & 0o007:
                one.chmod(mode & ~0o007)


def make_engine(path: Path, *, readonly: bool) -> Engine:
    """SQLAlchemy over such connections."""
    engine = create_engine(
        "sqlite://",
        creator=lambda: connect(path, readonly=readonly),
        poolclass=QueuePool,
        pool_size=READERS if readonly else 1,
        max_overflow=0,
        # parameters are answers and names: they stay out of error messages
        hide_parameters=True,
    )
    begin = "BEGIN" if readonly else "BEGIN IMMEDIATE"
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def lock_path(path: Path) -> Path:
    """The lock file beside the database."""
    return path.with_name(path.name + "-lock")


def server_lock_path(path: Path) -> Path:
    """The file that a server keeps locked for as long as it serves the database."""
    return path.with_name(path.name + "-server")


class FileLock:
    """Held while we write: only one process writes at a time."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def take(self) -> bool:
        """Takes it until `close`, or the end of the process; False where somebody else has it."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    @contextmanager
    def held(self) -> Iterator[None]:
        """Raises `StorageUnavailable` after `BUSY_TIMEOUT_S`."""
        give_up_at = time.monotonic() + BUSY_TIMEOUT_S
        while not self.take():
            if time.monotonic() >= give_up_at:
                raise StorageUnavailable("another process keeps the database locked")
            time.sleep(0.002)
        try:
            yield
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        os.close(self._file)


class SqliteEngine:
    """Runs work in the right thread and translates what goes wrong."""

    dialect: Final = "sqlite"

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = FileLock(lock_path(path))
        self._serving: FileLock | None = None
        self._write_engine = make_engine(path, readonly=False)
        self._read_engine = make_engine(path, readonly=True)
        self._writing: Connection | None = None
        self._writer = WritingThread("pencilsdown-write")
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="pencilsdown-read")
        # Ordinary writes queue here and enter the writer's queue one at a time: the journal waits for one at most.
        self._ordinary = asyncio.Lock()

    def serve_alone(self) -> None:
        """See `Database.serve_alone`."""
        lock = FileLock(server_lock_path(self._path))
        if not lock.take():
            lock.close()
            raise AlreadyServed(f"another server is running on {self._path}: several need PostgreSQL")
        self._serving = lock

    async def open(self) -> None:
        """Raises `StorageUnavailable` where the file cannot be opened."""
        await self.write(lambda _: None)

    async def close(self) -> None:
        await self._writer.run(self._close_writer)
        self._writer.join()
        self._readers.shutdown(wait=True)
        self._lock.close()
        if self._serving is not None:
            self._serving.close()

    def _close_writer(self) -> None:
        # Readers first: the last connection cleans up the write-ahead log, so it must be the one that may write.
        self._read_engine.dispose()
        with self._lock.held():
            self._drop()

    async def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    async def read_one_instant(self, work: Callable[[Connection], T]) -> T:
        # Every read is one transaction.
        return await self.read(work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        async with self._ordinary:
            return await self._writer.run(partial(self._write, work))

    async def write_first(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """`work` on the driver's own writing connection, before every ordinary write; it sees to its own transaction.

        After an error that it lets through, the connection is made anew.
        """
        return await self._writer.run(partial(self._write_raw, work))

    async def scrub(self) -> None:
        """Writes the whole file anew, and empties the write-ahead log: deleted rows leave nothing behind. Nothing else
        is written meanwhile."""
        await self.write_first(_scrub)

    def forget_values(self) -> None:
        """See `Database.forget_values`."""
        self._read_engine.clear_compiled_cache()
        self._write_engine.clear_compiled_cache()

    def _read(self, work: Callable[[Connection], T]) -> T:
        with translated(), self._read_engine.begin() as connection:
            return work(connection)

    def _write(self, work: Callable[[Connection], T]) -> T:
        with self._lock.held(), translated():
            connection = self._connection()
            try:
                with connection.begin():
                    return work(connection)
            except DBAPIError as error:
                if isinstance(error.orig, sqlite3.OperationalError):
                    self._drop()
                raise

    def _write_raw(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with self._lock.held(), translated():
            raw: Any = self._connection().connection.driver_connection
            try:
                return work(raw)
            except BaseException:
                self._drop()
                raise

    def _connection(self) -> Connection:
        if self._writing is None:
            self._writing = self._write_engine.connect()
        return self._writing

    def _drop(self) -> None:
        connection, self._writing = self._writing, None
        if connection is not None:
            connection.invalidate()
            connection.close()
        self._write_engine.dispose()


def _scrub(connection: sqlite3.Connection) -> None:
    connection.execute("VACUUM")
    (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise StorageUnavailable("SQLite: somebody reads for too long")


@contextmanager
def translated() -> Iterator[None]:
    """Turns errors about the database's state into `StorageUnavailable`; other errors pass unchanged."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        if isinstance(cause, sqlite3.OperationalError) or type(cause) is sqlite3.DatabaseError:
            raise StorageUnavailable(f"SQLite: {cause}") from error
        raise
