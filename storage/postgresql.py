"""PostgreSQL: two pools, so that a storm of readers never keeps the journal waiting for a connection."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

import asyncpg
from sqlalchemy import URL, Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from storage.errors import NotAllowed, SharedSessions, StorageUnavailable
from storage.sessions import CONNECT, LOST_STATEMENT, SETTLE, SHARED, UNCONFIRMED, Settling, check_sessions, prepare
from storage.sharing import outcome_of
from storage.tls import take_tls
from storage.walls import ALL, SETTING, enter

T = TypeVar("T")

POOL_SIZE: Final = 10
"""Ordinary connections of one node; with the journal's, some 14 of the usual 100 for a database."""
POOL_TIMEOUT_S: Final = 10
"""How long an ordinary call waits for a free connection."""
CONNECT_TIMEOUT_S: Final = 5
STATEMENT_TIMEOUT_S: Final = 15
"""How long the server tries one statement."""
COMMAND_TIMEOUT_S: Final = 20
"""How long we wait for the server. After that it is taken for frozen, or the network for broken."""

IDLE_S: Final = 2 * STATEMENT_TIMEOUT_S
"""How long a transaction may wait for its next statement."""
JOURNAL_IDLE_S: Final = 5
"""The same for the journal, which always has its next statement ready. A node that freezes inside a transaction must
not hold up the journals of other nodes, which wait for its locks."""

_AWAY: Final = ("08", "25", "28", "3D", "40", "53", "55", "57", "58", "XX")
"""Classes of SQLSTATE that are about the server's state, not about the statement. A wrong password (28) and a missing
database (3D) count as away, like a dead host."""
_LOST: Final = (
    OSError,
    TimeoutError,
    PoolTimeout,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
)
"""What the driver raises by itself, also where it meets no primary."""
_NOT_ALLOWED: Final = "42501"
"""The SQLSTATE of a missing right."""


def make_engine(url: URL, *, pool_size: int, idle_s: float) -> AsyncEngine:
    """SQLAlchemy over asyncpg as we want it. Raises `StorageUnavailable` where a certificate cannot be read."""
    url, tls = take_tls(url)
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT_S,
        # parameters are answers and names: they stay out of error messages
        hide_parameters=True,
        json_deserializer=str,
        connect_args={
            **tls,
            **CONNECT,
            "timeout": CONNECT_TIMEOUT_S,
            "command_timeout": COMMAND_TIMEOUT_S,
            "server_settings": {"application_name": "pencilsdown"},
        },
    )
    settings = {
        "statement_timeout": str(STATEMENT_TIMEOUT_S * 1000),
        "idle_in_transaction_session_timeout": str(int(idle_s * 1000)),
        "jit": "off",
        SETTING: ALL,
    }
    prepare(engine, settings)
    return engine


def is_away(error: BaseException) -> bool:
    """Whether the error is about the database's state, not about what was asked of it."""
    if isinstance(error, DBAPIError):
        if error.connection_invalidated:
            return True
        cause: Any = error.orig
    else:
        cause = error
    state = getattr(cause, "sqlstate", None)
    if isinstance(state, str):
        return state.startswith(_AWAY)
    return isinstance(cause, _LOST) or (isinstance(error, DBAPIError) and isinstance(cause.__cause__, _LOST))


class PostgresEngine:
    """Runs work on a connection of the right pool and translates what goes wrong."""

    dialect: Final = "postgresql"

    def __init__(self, url: URL) -> None:
        self._engine = make_engine(url, pool_size=POOL_SIZE, idle_s=IDLE_S)
        # The log is append-only, so that a read needs no transaction around its statements.
        self._reading = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._one_instant = self._engine.execution_options(isolation_level="REPEATABLE READ")
        self.journal_engine = make_engine(url, pool_size=4, idle_s=JOURNAL_IDLE_S)
        self._under_way: set[asyncio.Task[Any]] = set()
        self._settling = Settling(self._settle)

    async def open(self) -> None:
        """Raises `StorageUnavailable` where nobody answers."""
        await self.now_ms()

    async def close(self) -> None:
        while self._under_way:
            await asyncio.wait(self._under_way)
        await self._engine.dispose()
        await self.journal_engine.dispose()

    def forget_values(self) -> None:
        """See `Database.forget_values`."""
        self._engine.sync_engine.clear_compiled_cache()
        self.journal_engine.sync_engine.clear_compiled_cache()

    async def now_ms(self) -> int:
        def work(connection: Connection) -> int:
            sql = "SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint"
            return int(connection.exec_driver_sql(sql).scalar_one())

        return await self.read(work)

    async def check_sessions(self) -> None:
        """See `check_sessions`. Raises `SharedSessions` and `StorageUnavailable`."""
        async with translated():
            await check_sessions(self._engine)

    async def settled(self) -> None:
        """See `Database.settled`."""
        await self._settling.wait()

    async def _settle(self) -> None:
        def work(connection: Connection) -> None:
            connection.info.pop(UNCONFIRMED, None)
            connection.exec_driver_sql(SETTLE).close()
            _check_confirmed(connection.info)

        await self.read(work)

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await self._protected(self._read(work, self._reading))

    async def read_one_instant(self, work: Callable[[Connection], T]) -> T:
        return await self._protected(self._read(work, self._one_instant))

    async def write(self, work: Callable[[Connection], T]) -> T:
        return await self._protected(self._write(work))

    def for_org(self, org_id: str) -> "OneOrganisation":
        """See `Database.for_org`."""
        return OneOrganisation(self, org_id)

    async def read_in_transaction(self, work: Callable[[Connection], T]) -> T:
        """As `read`, all statements of `work` in one transaction."""
        return await self._protected(self._read(work, self._engine))

    async def _read(self, work: Callable[[Connection], T], engine: AsyncEngine) -> T:
        try:
            return await self._read_once(work, engine)
        except StorageUnavailable:
            # An idle connection had died. Meeting one makes the pool replace them all.
            return await self._read_once(work, engine)

    async def _read_once(self, work: Callable[[Connection], T], engine: AsyncEngine) -> T:
        async with translated(), engine.connect() as connection:
            return await connection.run_sync(work)

    async def _write(self, work: Callable[[Connection], T]) -> T:
        async with translated(), self._engine.begin() as connection:
            info = connection.info
            info.pop(UNCONFIRMED, None)
            result = await connection.run_sync(work)
        _check_confirmed(info)
        return result

    async def _protected(self, call: Coroutine[Any, Any, T]) -> T:
        """Runs `call` to its end even if its caller is cancelled: the pool would lose a connection that is cut in the
        middle of a transaction."""
        task = asyncio.create_task(call)
        self._under_way.add(task)
        task.add_done_callback(self._done)
        return await outcome_of(task)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            task.exception()  # marks it as seen, also if no caller waits any more


class OneOrganisation:
    """Runs work in transactions that see the rows of one organisation alone."""

    def __init__(self, engine: PostgresEngine, org_id: str) -> None:
        self._engine = engine
        self._org_id = org_id

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await self._engine.read_in_transaction(self._inside(work))

    async def read_one_instant(self, work: Callable[[Connection], T]) -> T:
        return await self._engine.read_one_instant(self._inside(work))

    async def write(self, work: Callable[[Connection], T]) -> T:
        return await self._engine.write(self._inside(work))

    def _inside(self, work: Callable[[Connection], T]) -> Callable[[Connection], T]:
        def inside(connection: Connection) -> T:
            enter(connection, self._org_id)
            return work(connection)

        return inside


def _check_confirmed(info: dict[Any, Any]) -> None:
    if info.pop(UNCONFIRMED, False):
        raise StorageUnavailable("PostgreSQL: somebody has cancelled the wait for a standby")


@asynccontextmanager
async def translated() -> AsyncIterator[None]:
    """Turns errors about the database's state into `StorageUnavailable` and a missing right into `NotAllowed`; other
    errors pass unchanged."""
    try:
        yield
    except (
        *(DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError),
        *(OSError, PoolTimeout),
    ) as error:
        if is_away(error):
            raise StorageUnavailable(f"PostgreSQL: {_in_words(error)}") from error
        state = getattr(getattr(error, "orig", error), "sqlstate", None)
        if state in LOST_STATEMENT:
            raise SharedSessions(SHARED) from error
        if state == _NOT_ALLOWED:
            raise NotAllowed(f"PostgreSQL: {_in_words(error)}") from error
        raise


def _in_words(error: BaseException) -> str:
    """The driver's message as one line, without the class names that SQLAlchemy puts before it."""
    cause: BaseException = getattr(error, "orig", None) or error
    # A time-out is raised from the cancellation with which it ended the work: that says nothing to a person.
    if not isinstance(cause, TimeoutError):
        cause = cause.__cause__ or cause
    if isinstance(cause, TimeoutError) and not str(cause):
        return "it did not answer in time"
    return " ".join(str(cause).split()) or type(cause).__name__
