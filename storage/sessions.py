"""What every connection to PostgreSQL is told when it is made, and what it must be: a session of its own, with the
primary.

The settings are given by a statement and not when connecting: a pooler between us and PostgreSQL passes on few of
those. It must let a connection keep its backend, though. One that hands backends on with every transaction leaves our
settings to others, and their locks and cursors to us.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from uuid import uuid4

import asyncpg
from asyncpg.connect_utils import SessionAttribute
from sqlalchemy import event
from sqlalchemy.engine.interfaces import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.pool import ConnectionPoolEntry

from storage.errors import SharedSessions
from storage.sharing import outcome_of

CONNECT: Final[Mapping[str, Any]] = {"target_session_attrs": SessionAttribute.read_write}
"""For asyncpg: a standby is not connected to. Whoever balances over several servers may take one for the primary for a
moment; what it shows may lack what was acknowledged last."""

READ_ONLY: Final = "25006"
"""The SQLSTATE of a write that a standby, or a server that was made read-only, refuses."""

LOST_STATEMENT: Final = ("26000", "42P05")
"""The SQLSTATEs of a prepared statement that is not there any more, or is there already: another connection's."""
SHARED: Final = (
    "PostgreSQL: connections share their sessions: a pooler in between must pool by session, not by transaction or"
    " statement (PgBouncer: pool_mode = session)"
)

UNCONFIRMED: Final = "unconfirmed"
"""In the `info` of a connection: PostgreSQL has warned. It says that a commit has succeeded, and warns, when somebody
has cancelled its wait for a standby."""
_WARNING: Final = "01000"

_SET: Final = "SELECT set_config(key, value, false) FROM unnest($1::text[], $2::text[]) AS one (key, value)"
# `off` acknowledges what is on no disk, `local` what is on no standby where there are synchronous ones.
_COMMITS: Final = "current_setting('synchronous_commit')"
_COMMIT_DURABLY: Final = f"SELECT set_config('synchronous_commit', 'on', false) WHERE {_COMMITS} IN ('off', 'local')"
_MARK: Final = "pencilsdown.session"
_WHO_AM_I: Final = f"SELECT pg_backend_pid(), current_setting('{_MARK}', true)"

SETTLE: Final = (
    "SELECT CASE WHEN current_setting('synchronous_standby_names') <> ''"
    " THEN pg_logical_emit_message(true, 'pencilsdown', '') END"
)
"""Waits, where standbys confirm commits, until they have confirmed all that was committed before: they do so in order.
The message is for nobody; it is there since a transaction without any write-ahead log is not waited for."""


def prepare(engine: AsyncEngine, settings: Mapping[str, str]) -> None:
    """Every new connection of `engine` gets these settings, and commits durably. One that turns out to be read-only is
    given up, as one that is lost: the primary is elsewhere by now."""
    keys, values = list(settings), list(settings.values())

    def connected(connection: Any, record: ConnectionPoolEntry) -> None:
        async def begin(driver: "asyncpg.Connection[asyncpg.Record]") -> None:
            driver.add_log_listener(hear)
            await driver.fetch(_SET, keys, values)
            await driver.fetch(_COMMIT_DURABLY)

        def hear(_: object, message: asyncpg.PostgresLogMessage) -> None:
            if message.sqlstate == _WARNING:
                record.info[UNCONFIRMED] = True

        connection.run_async(begin)

    def failed(context: ExceptionContext) -> None:
        if getattr(context.original_exception, "sqlstate", None) == READ_ONLY:
            context.is_disconnect = True

    event.listen(engine.sync_engine, "connect", connected)
    event.listen(engine.sync_engine, "handle_error", failed)


async def check_sessions(engine: AsyncEngine) -> None:
    """Whether two connections are two sessions, and stay the same ones. Raises `SharedSessions`."""
    autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")
    async with autocommit.connect() as first, autocommit.connect() as second, engine.connect() as third:
        mark = str(uuid4())
        await first.exec_driver_sql(f"SELECT set_config('{_MARK}', $1, false)", (mark,))
        pid, _ = await _who(first)
        others = [await _who(second), await _who(third)]
        # The third one is inside of a transaction now, and holds a backend: perhaps the one that was the first one's.
        again, marked = await _who(first)
        if marked != mark or again != pid or any(other == pid or seen == mark for other, seen in others):
            raise SharedSessions(SHARED)


async def _who(connection: AsyncConnection) -> tuple[int, str | None]:
    row: Any = (await connection.exec_driver_sql(_WHO_AM_I)).one()
    return row[0], row[1]


class Settling:
    """Whoever waits at the same time waits for one `settle`, which has begun after each of them came."""

    def __init__(self, settle: Callable[[], Awaitable[None]]) -> None:
        self._settle = settle
        self._turn = asyncio.Lock()
        self._next: asyncio.Task[None] | None = None

    async def wait(self) -> None:
        """Raises what `settle` raises."""
        if self._next is None:
            self._next = asyncio.create_task(self._take_turn())
            self._next.add_done_callback(_seen)
        await outcome_of(self._next)

    async def _take_turn(self) -> None:
        async with self._turn:
            self._next = None
            await self._settle()


def _seen(task: "asyncio.Task[None]") -> None:
    """Also where no caller waits any more."""
    if not task.cancelled():
        task.exception()
