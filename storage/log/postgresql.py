"""The journal's transactions on PostgreSQL: one round trip each, on a connection of its own.

All that a transaction writes is one statement, its rows given as arrays; without an explicit BEGIN, PostgreSQL commits
it by itself. Only where an attempt is made, or opened again, there is a transaction of several steps: it depends on the
candidate's other attempts at the test, so all nodes take turns with what is decided on them.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache
from hashlib import blake2b
from itertools import chain
from operator import itemgetter
from time import monotonic
from typing import Any, Final, TypeAlias, cast

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.earlier import EARLIER, Person, by_person
from storage.errors import StorageUnavailable
from storage.log.batch import NotWritten, OutcomeUnknown, Rows, Unstorable, judge
from storage.postgresql import PostgresEngine, translated
from storage.sessions import READ_ONLY, UNCONFIRMED
from storage.statements import ATTEMPTS, HASHES, KEYS, LOG, NEW_ATTEMPTS, OUTBOX, RowStatement, arrays_of

Driver: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

_TAKE_TURNS: Final = "SELECT pg_advisory_xact_lock($1, key) FROM unnest($2::integer[]) AS key"
_PERSONS: Final = 2_110_473
"""What PostgreSQL's advisory locks on persons are called, so that no other lock is taken for one."""
_MYSELF: Final = "SELECT pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()"
_END_IT: Final = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND backend_start = $2"

_OUTLAST_S: Final = 2.0
"""How long to wait for a backend to end; after that the outcome stays unknown."""

_CANNOT_BEGIN: Final = "cannot switch to state"
"""How the driver's words begin where it still takes in what the server has said by itself."""
_VALUES_AT_FAULT: Final = ("22", "23", "54")
"""Classes of SQLSTATE: data exception, integrity violation, a limit of the program."""


class _Unconfirmed(Exception):
    """Somebody has cancelled the wait for a standby."""


class PostgresLogWriter:
    """See `LogWriter`."""

    def __init__(self, engine: PostgresEngine) -> None:
        self._engine = engine.journal_engine
        self._held: AsyncConnection | None = None
        self._driver: Driver | None = None
        # The backend of our connection, and a backend that we lost in the middle of a commit.
        self._backend: asyncpg.Record | None = None
        self._ghost: asyncpg.Record | None = None

    async def hashes(self, positions: Sequence[tuple[str, int]]) -> dict[tuple[str, int], bytes]:
        driver = await self._connected()
        async with self._judged(committing=False):
            found = await driver.fetch(HASHES.numbered(), *arrays_of(positions))
        return {(attempt_id, seq): digest for attempt_id, seq, digest in found}

    async def write(self, rows: Rows) -> dict[str, str]:
        driver = await self._connected()
        # Two nodes that write to the same attempts must lock them in the same order, or they deadlock.
        for part in (rows.log, rows.keys, rows.created, rows.updated):
            part.sort(key=itemgetter(0))
        try:
            if rows.preconditions:
                return await self._write_if_met(driver, rows)
            async with self._judged(committing=True), self._confirmed():
                await _execute(driver, rows)
        except asyncpg.UniqueViolationError as error:
            return await self._explain(driver, rows, error)
        return {}

    async def outlast(self) -> None:
        """A backend that lost its client, or was frozen, may still commit at any later time. So it is told to end, and
        we wait until it has."""
        driver = await self._connected()
        give_up_at = monotonic() + _OUTLAST_S
        async with self._judged(committing=False):
            while self._ghost is not None:
                if not await driver.fetch(_END_IT, *self._ghost):
                    self._ghost = None
                elif monotonic() >= give_up_at:
                    raise NotWritten("PostgreSQL: a backend we left does not end")
                else:
                    await asyncio.sleep(0.02)

    async def close(self) -> None:
        held, self._held, self._driver = self._held, None, None
        if held is not None:
            await held.close()

    async def _write_if_met(self, driver: Driver, rows: Rows) -> dict[str, str]:
        async with self._judged(committing=False):
            await driver.execute("BEGIN")
            try:
                against = await _unmet(driver, rows)
                if not against:
                    await _execute(driver, rows)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, UnicodeError, OverflowError):
                if not driver.is_closed():
                    await driver.execute("ROLLBACK")
                raise
            if against:
                await driver.execute("ROLLBACK")
                return against
        async with self._judged(committing=True), self._confirmed():
            await driver.execute("COMMIT")
        return {}

    async def _explain(self, driver: Driver, rows: Rows, error: asyncpg.UniqueViolationError) -> dict[str, str]:
        """The attempts whose log already has one of the records that we tried to write."""
        positions = [(row[0], row[1]) for row in rows.log]
        async with self._judged(committing=False):
            found = await driver.fetch(HASHES.numbered(), *arrays_of(positions))
        if found:
            return dict.fromkeys((attempt_id for attempt_id, _, _ in found), "fenced")
        if error.constraint_name == "uq_test_attempts":
            # Another node made it after we looked. The next try sees it.
            raise NotWritten("an attempt was made at the same moment") from error
        raise Unstorable(f"{error.constraint_name} is violated") from error

    async def _connected(self) -> Driver:
        if self._driver is not None and not self._driver.is_closed():
            return self._driver
        await self._drop()
        try:
            async with translated():
                self._held = await self._engine.connect()
                raw = await self._held.get_raw_connection()
        except StorageUnavailable as error:
            raise NotWritten(str(error)) from error
        driver: Any = raw.driver_connection
        async with self._judged(committing=False):
            self._backend = await driver.fetchrow(_MYSELF)
        self._driver = driver
        return cast(Driver, driver)

    async def _drop(self) -> None:
        held, self._held, self._driver = self._held, None, None
        if held is not None:
            try:
                await held.invalidate()
                await held.close()
            except (DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                pass  # the connection is gone, as intended

    @asynccontextmanager
    async def _judged(self, *, committing: bool) -> AsyncIterator[None]:
        """Says of every error what it means for the transaction. `committing`: success would have been a commit, so
        that a lost connection leaves the outcome unknown; a server that refuses has rolled back in any case."""
        try:
            yield
        except asyncpg.UniqueViolationError:
            raise
        except asyncpg.PostgresConnectionError as error:
            await self._lost(committing, error)
        except asyncpg.PostgresError as error:
            if error.as_dict().get("severity_en") in ("FATAL", "PANIC"):
                await self._lost(committing, error)
            state = error.sqlstate or ""
            if state == READ_ONLY:
                await self._lost(False, error)
            if state.startswith(_VALUES_AT_FAULT):
                raise Unstorable(f"PostgreSQL: {state}") from error
            raise NotWritten(f"PostgreSQL: {error}") from error
        except (asyncpg.DataError, UnicodeError, OverflowError) as error:
            raise Unstorable(type(error).__name__) from error
        except asyncpg.InternalClientError as error:
            # A server that goes says so unasked. The driver then can't begin anything, and has sent nothing.
            await self._lost(committing and not str(error).startswith(_CANNOT_BEGIN), error)
        except asyncpg.InterfaceError as error:
            # The driver refused before sending: the connection had been lost before.
            await self._lost(False, error)
        except (OSError, TimeoutError, _Unconfirmed) as error:
            await self._lost(committing, error)
        except Exception:
            # An unforeseen error: the server may carry out what was sent all the same.
            await self._leave(committing)
            raise

    @asynccontextmanager
    async def _confirmed(self) -> AsyncIterator[None]:
        """Raises `_Unconfirmed` where a commit has succeeded, and no standby has confirmed it."""
        assert self._held is not None
        info = self._held.info
        info.pop(UNCONFIRMED, None)
        yield
        if info.pop(UNCONFIRMED, False):
            raise _Unconfirmed

    async def _leave(self, committing: bool) -> None:
        if committing:
            self._ghost = self._backend
        await self._drop()

    async def _lost(self, committing: bool, error: BaseException) -> None:
        await self._leave(committing)
        what = f"PostgreSQL: {type(error).__name__} {error}"
        raise (OutcomeUnknown(what) if committing else NotWritten(what)) from error


def _parts(rows: Rows) -> list[tuple[RowStatement, list[Any]]]:
    parts = (
        (LOG, rows.log),
        (KEYS, rows.keys),
        (NEW_ATTEMPTS, rows.created),
        (ATTEMPTS, rows.updated),
        (OUTBOX, rows.outbox),
    )
    return [(statement, given) for statement, given in parts if given]


@cache
def _statement(parts: tuple[RowStatement, ...]) -> str:
    """One statement that does all of `parts`."""
    first = 1
    texts: list[str] = []
    for part in parts:
        texts.append(part.numbered(first))
        first += len(part.columns)
    *before, last = texts
    named = [f"part{number} AS ({text})" for number, text in enumerate(before)]
    return f"WITH {', '.join(named)} {last}" if named else last


async def _execute(driver: Driver, rows: Rows) -> None:
    parts = _parts(rows)
    sql = _statement(tuple(statement for statement, _ in parts))
    await driver.execute(sql, *chain.from_iterable(arrays_of(given) for _, given in parts))


async def _unmet(driver: Driver, rows: Rows) -> dict[str, str]:
    """The attempts that can't be open, and why. Nobody else decides on other attempts of the same persons until the
    transaction ends."""
    persons = {one.person for one in rows.preconditions}
    # In the same order everywhere, and before any row is locked: two nodes never wait for one another.
    await driver.execute(_TAKE_TURNS, _PERSONS, sorted({_lock_of(person) for person in persons}))
    # A statement of its own: it must see what was committed while the one before waited.
    found = await driver.fetch(EARLIER.numbered(), *arrays_of(persons))
    return judge(rows.preconditions, by_person(map(tuple, found)))


def _lock_of(person: Person) -> int:
    """One of 2³² numbers; where two persons have the same one, they take turns for nothing."""
    key = blake2b("\0".join(person).encode(), digest_size=4).digest()
    return int.from_bytes(key, "big", signed=True)
