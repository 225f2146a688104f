"""The database behind one door: work goes in as a function over a connection, and runs as one transaction."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeVar, cast

from sqlalchemy import Connection

from storage.errors import StorageUnavailable
from storage.sharing import outcome_of
from storage.sqlite import SqliteEngine
from storage.url import parse_url, sqlite_path

if TYPE_CHECKING:
    from storage.postgresql import OneOrganisation, PostgresEngine

T = TypeVar("T")

_PORTIONS: Final = {"sqlite": 10, "postgresql": 50}


class Database:
    """One per process and event loop. `read` and `write` raise `StorageUnavailable` when the database is away.

    The transaction of a cancelled caller ends by itself: it commits or fails without a report.
    """

    def __init__(self, engine: "SqliteEngine | PostgresEngine") -> None:
        self.engine = engine
        self.dialect = engine.dialect
        self._runs: SqliteEngine | PostgresEngine | OneOrganisation = engine

    @classmethod
    async def open(cls, url: str) -> "Database":
        """Connects once, to know that it can. Raises `UnsupportedDatabase` and `StorageUnavailable`."""
        parsed = parse_url(url)
        if parsed.get_backend_name() == "sqlite":
            path = sqlite_path(parsed)
            try:
                embedded = SqliteEngine(path)
            except OSError as error:
                raise StorageUnavailable(f"{path}: {error.strerror}") from error
            return await cls._opened(embedded)
        # An embedded server needs neither asyncpg nor what SQLAlchemy has for it.
        from storage.postgresql import PostgresEngine

        return await cls._opened(PostgresEngine(parsed))

    @classmethod
    async def _opened(cls, engine: "SqliteEngine | PostgresEngine") -> "Database":
        try:
            await engine.open()
        except BaseException:
            await outcome_of(asyncio.ensure_future(engine.close()))
            raise
        return cls(engine)

    def serve_alone(self) -> None:
        """Keeps other servers off an embedded database until `close`, since each would trust its own memory. Commands
        of the command line go on working. Raises `AlreadyServed`."""
        if isinstance(self.engine, SqliteEngine):
            self.engine.serve_alone()

    async def close(self) -> None:
        """Waits for what is under way. Close the journal first."""
        await self.engine.close()

    def for_org(self, org_id: str) -> "Database":
        """The same database, where PostgreSQL shows and takes the rows of one organisation alone (`storage.walls`): for
        whatever is done for a caller. SQLite has no such wall."""
        if self.dialect == "sqlite":
            return self
        walled = Database(self.engine)
        walled._runs = cast("PostgresEngine", self.engine).for_org(org_id)
        return walled

    def forget_values(self) -> None:
        """Forgets the values of statements: SQLAlchemy keeps each statement with those that it was first run with."""
        self.engine.forget_values()

    async def read(self, work: Callable[[Connection], T]) -> T:
        """What `work` returns; it must not write."""
        return await self._runs.read(work)

    async def read_one_instant(self, work: Callable[[Connection], T]) -> T:
        """The same, where all that `work` reads must be of one instant, whoever writes meanwhile."""
        return await self._runs.read_one_instant(work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """What `work` returns, after its transaction is durable."""
        return await self._runs.write(work)

    @property
    def portion(self) -> int:
        """Attempts in one transaction of those that nobody waits for. SQLite has one writer, and answers wait for it:
        fifty attempts took up to 80 ms of a busy node."""
        return _PORTIONS[self.dialect]

    async def settled(self) -> None:
        """Returns when all that anybody has read before is as durable as what the database acknowledges. PostgreSQL can
        show rows whose commit no synchronous standby has confirmed: those of a backend that was ended while it waited,
        or of a primary that was restarted. A failover would lose them. Raises `StorageUnavailable`."""
        if self.dialect != "sqlite":
            await cast("PostgresEngine", self.engine).settled()

    async def check_sessions(self) -> None:
        """Whether each connection has a session of its own. Raises `SharedSessions` and `StorageUnavailable`."""
        if self.dialect != "sqlite":
            await cast("PostgresEngine", self.engine).check_sessions()

    async def now_ms(self) -> int:
        """The database's clock; for SQLite that is the host's."""
        return await self.engine.now_ms()

    async def ping(self) -> None:
        """Raises `StorageUnavailable`."""
        await self.read(lambda connection: connection.exec_driver_sql("SELECT 1").scalar())

    async def try_to_write(self) -> None:
        """Commits a transaction that changes nothing. Raises `StorageUnavailable`, on a full disk too."""
        # Both write to the database's write-ahead log, and nothing reads the number.
        sql = "PRAGMA user_version = 0" if self.dialect == "sqlite" else "SELECT pg_current_xact_id()"
        await self.write(lambda connection: connection.exec_driver_sql(sql).close())
