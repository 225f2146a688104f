"""A simulated database: real SQLite in memory with the real tables, statements and constraints, behind a network and
a server that can be slow, away, frozen, or lose its word in the middle of a commit.

The seam lies where the real code leaves the process: `Database.engine` (`read`, `write`) and the journal's `LogWriter`.
Everything above it is the real thing. A transaction is one instant; what lies before and after it is not.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from random import Random
from typing import Any, Final, TypeVar, cast

import msgspec
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import StaticPool

from storage import migrate
from storage.attempts import Attempts
from storage.bulk import Bulk, BulkActs
from storage.claims import Claims
from storage.columns import unpack_id
from storage.database import Database
from storage.errors import StorageUnavailable
from storage.log import sqlite as log_sqlite
from storage.log.batch import NotWritten, OutcomeUnknown, Rows
from storage.regrades import Job, Regrades
from storage.statements import hashes_at
from storage.walls import check_walls
from tests.simulation.chance import EPOCH_MS
from tests.simulation.loop import NOBODY

T = TypeVar("T")

PATIENCE_S: Final = 20.0
"""How long a client of the database waits for an answer (`storage.postgresql.COMMAND_TIMEOUT_S`)."""


_DUE: Final = (
    "SELECT EXISTS (SELECT 1 FROM test_attempts WHERE wake_at_ms <= ?)"
    " OR EXISTS (SELECT 1 FROM test_attempts WHERE marking_seq IS NOT NULL)"
)


class Weather(msgspec.Struct):
    """How the database is doing. Chances are of one request; `slow_s` is the longest that it takes then."""

    away: bool = False
    frozen: bool = False
    slow: float = 0.002
    slow_s: float = 0.2
    not_written: float = 0.0
    unknown: float = 0.0
    late: float = 0.0
    """Of the unknown ones that were committed after all: how many only after the error was reported."""


class DatabaseServer:
    """The one server that all nodes share."""

    def __init__(self, loop: asyncio.AbstractEventLoop, chance: Random) -> None:
        self.weather = Weather()
        self.chance = chance
        self.loop = loop
        self._raw = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self._raw.deserialize(_schema())
        self._engine = create_engine("sqlite://", creator=lambda: self._raw, poolclass=StaticPool)
        self._connection = self._engine.connect()
        self._thawed: list[Callable[[], None]] = []
        self.at_large = 0
        """Commits that may still happen although their error was reported."""
        self._positions: dict[str, int] = {}
        self._names: dict[bytes, str] = {}
        self._erased = 0
        self.cut_off: set[str] = set()
        """Nodes that can't reach it."""

    def now_ms(self) -> int:
        return EPOCH_MS + int(self.loop.time() * 1_000)

    def run(self, work: Callable[[Connection], T]) -> T:
        """One transaction, at this instant."""
        self._raw.execute("BEGIN")
        try:
            result = work(self._connection)
        except BaseException:
            self._connection.rollback()
            self._raw.rollback()
            raise
        self._raw.execute("COMMIT")
        self._connection.rollback()
        return result

    def write(self, work: Callable[[Connection], T]) -> T:
        """The same, where somebody may be erased by it: her log gets a record."""
        result = self.run(work)
        erased = self._raw.execute("SELECT count(*) FROM erasures").fetchone()[0]
        if erased != self._erased:
            self._erased = erased
            last = self._raw.execute("SELECT attempt_id, seq FROM attempt_log WHERE kind = 'erased'")
            self._positions |= {unpack_id(packed): seq for packed, seq in last}
        return result

    def anything_due(self, now_ms: int) -> bool:
        """Whether a sweeper or a marker would find anything. Most of the time they don't, and a day has thousands of
        looks: this one is quick."""
        return bool(self._raw.execute(_DUE, (now_ms,)).fetchone()[0])

    def waits(self, table: str) -> bool:
        """Whether one of these has not ended."""
        return self._raw.execute(f"SELECT 1 FROM {table} WHERE ended_at_ms IS NULL").fetchone() is not None  # noqa: S608

    def positions(self, attempt_ids: Sequence[str]) -> dict[str, int]:
        """As `Attempts.positions`, which every node asks for every few seconds: kept, since `commit` and an erasure are
        the only ways into the log."""
        known = self._positions
        return {one: known[one] for one in attempt_ids if one in known}

    def commit(self, rows: Rows) -> dict[str, str]:
        """The journal's transaction, at this instant."""
        rejected = log_sqlite._write(self._raw, rows)
        if not rejected:
            for packed, seq, *_ in rows.log:
                if packed not in self._names:
                    self._names[packed] = unpack_id(packed)
                attempt_id = self._names[packed]
                self._positions[attempt_id] = max(seq, self._positions.get(attempt_id, 0))
        return rejected

    def freeze(self) -> None:
        """Requests are taken, and nothing happens to them."""
        self.weather.frozen = True

    def thaw(self) -> None:
        """What was waiting is done now, also what nobody waits for any more."""
        self.weather.frozen = False
        waiting, self._thawed = self._thawed, []
        for work in waiting:
            work()

    def arrive(self, work: Callable[[], None]) -> None:
        """A request has come: it is done at once, or when the server goes on."""
        if self.weather.frozen:
            self._thawed.append(work)
        else:
            work()

    def close(self) -> None:
        self._connection.close()
        self._engine.dispose()
        self._raw.close()


class _Away(Exception):
    """Nothing was sent: nobody is there."""


class _Lost(Exception):
    """It was sent, and there is no answer."""


def _has_walls(_: Connection) -> Any:
    return True


class NodesEngine:
    """One node's way to the database. Stands in for `PostgresEngine`; the dialect is SQLite's."""

    dialect: Final = "sqlite"

    def __init__(self, server: DatabaseServer, node: str) -> None:
        self._server = server
        self._node = node
        self._at_large = 0
        """Of the server's, those that this way has lost."""

    async def open(self) -> None:
        """Nothing to begin."""

    async def close(self) -> None:
        """Nothing to end."""

    def forget_values(self) -> None:
        """All nodes share the statements of one engine, which stands in for their own."""

    async def now_ms(self) -> int:
        return await self.read(lambda _: self._server.now_ms())

    async def read(self, work: Callable[[Connection], T]) -> T:
        # What plays PostgreSQL here is SQLite, which has no roles and no walls to ask for.
        asked = work if work is not check_walls else _has_walls
        return await self._available(lambda: self._server.run(asked))

    async def read_one_instant(self, work: Callable[[Connection], T]) -> T:
        return await self.read(work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        return await self._available(lambda: self._server.write(work))

    async def _available(self, work: Callable[[], T]) -> T:
        try:
            return await self._ask(work)
        except (_Away, _Lost) as error:
            raise StorageUnavailable("the simulated database is away") from error

    async def anything_due(self, now_ms: int) -> bool:
        """As good as a claim that finds nothing."""
        return await self._glance(lambda: self._server.anything_due(now_ms))

    def waits(self, table: str) -> bool:
        """What a look from above would find."""
        return self._server.waits(table)

    async def asks_whether_any_waits(self, table: str) -> bool:
        """As good as a claim that finds nothing, and on its way as long."""
        return await self._available(lambda: self._server.waits(table))

    async def positions(self, attempt_ids: Sequence[str]) -> dict[str, int]:
        return await self._glance(lambda: self._server.positions(attempt_ids))

    async def hashes(self, positions: Sequence[tuple[str, int]]) -> dict[tuple[str, int], bytes]:
        try:
            return await self._ask(lambda: self._server.run(lambda connection: hashes_at(connection, positions)))
        except (_Away, _Lost) as error:
            raise NotWritten("the simulated database is away") from error

    async def commit(self, rows: Rows) -> dict[str, str]:
        weather, chance = self._server.weather, self._server.chance
        draw = chance.random()
        if draw < weather.not_written:
            await asyncio.sleep(self._way_s())
            raise NotWritten("a simulated failure before the commit")
        try:
            if draw < weather.not_written + weather.unknown:
                await self._lose_its_word(rows)
            return await self._ask(lambda: self._server.commit(rows))
        except _Away as error:
            raise NotWritten("the simulated database is away") from error
        except _Lost as error:
            raise OutcomeUnknown("the simulated database was lost in a commit") from error

    async def _lose_its_word(self, rows: Rows) -> None:
        """The connection breaks in the commit, which happens, happens later, or does not happen."""
        chance, server = self._server.chance, self._server
        what = chance.random()
        await asyncio.sleep(self._way_s())
        if what < 0.5:
            server.arrive(lambda: _quietly(server, rows))
        elif what < 0.5 + server.weather.late / 2:
            # In nobody's name: the server goes on although its client has gone.
            delay_s = chance.uniform(0.01, 3.0)
            self._at_large += 1
            server.at_large += 1
            _later(server, delay_s, server.arrive, lambda: self._at_last(rows))
        await asyncio.sleep(self._way_s())
        raise _Lost

    def _at_last(self, rows: Rows) -> None:
        self._at_large -= 1
        self._server.at_large -= 1
        _quietly(self._server, rows)

    async def outlast(self) -> None:
        """What PostgreSQL tells whoever asks for the locks of a transaction that has lost its client."""
        while self._at_large:  # noqa: ASYNC110 (virtual time costs nothing)
            await asyncio.sleep(0.1)
        await self.hashes([])

    async def _glance(self, work: Callable[[], T]) -> T:
        """A read that is made all the time. While nothing is broken it says what was so when it was asked for, which
        takes one step instead of three."""
        server = self._server
        if server.weather.away or server.weather.frozen or self._node in server.cut_off:
            return await self.read(lambda _: work())
        found = work()
        await asyncio.sleep(self._way_s() + self._way_s())
        return found

    async def _ask(self, work: Callable[[], T]) -> T:
        """There, done, and back. The answer may be lost with the node, with the connection, or in time."""
        server = self._server
        if server.weather.away or self._node in server.cut_off:
            await asyncio.sleep(self._way_s())
            raise _Away
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()

        def done() -> None:
            if server.weather.away:
                _later(server, self._way_s(), _fail, answer, _Lost())
                return
            try:
                result = work()
            except Exception as error:  # noqa: BLE001 (it goes back to whoever asked)
                _later(server, self._way_s(), _fail, answer, error)
                return
            if self._node in server.cut_off:
                _later(server, self._way_s(), _fail, answer, _Lost())
            else:
                _later(server, self._way_s(), _settle, answer, result)

        def there() -> None:
            if server.weather.frozen:
                # Nothing else takes so long.
                server.loop.call_at(asked_s + PATIENCE_S, _fail, answer, _Lost(), context=NOBODY)
            server.arrive(done)

        asked_s = server.loop.time()
        _later(server, self._way_s(), there)
        return await answer

    def _way_s(self) -> float:
        chance, weather = self._server.chance, self._server.weather
        if chance.random() < weather.slow:
            return chance.uniform(0.01, weather.slow_s)
        return chance.uniform(0.000_2, 0.003)


class LogWriter:
    """The journal's way to it: see `storage.log.batch.LogWriter`."""

    def __init__(self, engine: NodesEngine) -> None:
        self._engine = engine

    async def hashes(self, positions: Sequence[tuple[str, int]]) -> dict[tuple[str, int], bytes]:
        return await self._engine.hashes(positions)

    async def write(self, rows: Rows) -> dict[str, str]:
        return await self._engine.commit(rows)

    async def outlast(self) -> None:
        await self._engine.outlast()

    async def close(self) -> None:
        """Nothing to end."""


class QuickAttempts(Attempts):
    """The real one; positions are looked up in short."""

    def __init__(self, engine: NodesEngine) -> None:
        super().__init__(database_on(engine))
        self._engine = engine

    async def positions(self, attempt_ids: Sequence[str]) -> dict[str, int]:
        return await self._engine.positions(attempt_ids)


class QuickClaims(Claims):
    """The real ones; a claim that would find nothing is not even made."""

    def __init__(self, engine: NodesEngine) -> None:
        super().__init__(database_on(engine))
        self._engine = engine

    async def claim_due(
        self, now_ms: int, limit: int = 100, lease_ms: int = 5_000, but: Sequence[str] = ()
    ) -> list[str]:
        return await super().claim_due(now_ms, limit, lease_ms, but) if await self._engine.anything_due(now_ms) else []

    async def claim_unmarked(
        self, now_ms: int, limit: int = 100, lease_ms: int = 10_000, but: Sequence[str] = ()
    ) -> list[str]:
        anything = await self._engine.anything_due(now_ms)
        return await super().claim_unmarked(now_ms, limit, lease_ms, but) if anything else []


async def claim_act(self: BulkActs, now_ms: int) -> Bulk | None:
    """`BulkActs.claim` for a day: every node looks twice a second, and hardly ever is there one."""
    return await _claimed(self._database, "bulk_acts", lambda: _claim_act(self, now_ms))


async def claim_regrade(self: Regrades, now_ms: int) -> Job | None:
    """`Regrades.claim` in the same way."""
    return await _claimed(self._database, "regrades", lambda: _claim_regrade(self, now_ms))


_claim_act: Final = BulkActs.claim
_claim_regrade: Final = Regrades.claim


async def _claimed(database: Database, table: str, claim: Callable[[], Awaitable[T | None]]) -> T | None:
    engine = cast(NodesEngine, database.engine)
    waits = engine.waits(table) or await engine.asks_whether_any_waits(table)
    return await claim() if waits else None


def database_on(engine: NodesEngine) -> Database:
    """The real `Database` over it."""
    return Database(cast(Any, engine))


def _quietly(server: DatabaseServer, rows: Rows) -> None:
    """A commit whose outcome nobody hears: where something stands against it, nothing happens."""
    server.commit(rows)


def _later(server: DatabaseServer, delay_s: float, work: Callable[..., object], *arguments: Any) -> None:
    """After a while, in nobody's name: what is under way outlives the process that began it."""
    server.loop.call_later(delay_s, work, *arguments, context=NOBODY)


def _settle(answer: "asyncio.Future[T]", result: T) -> None:
    if not answer.done():
        answer.set_result(result)


def _fail(answer: "asyncio.Future[Any]", error: Exception) -> None:
    if not answer.done():
        answer.set_exception(error)


_made: list[bytes] = []


def _schema() -> bytes:
    """An empty database with this version's tables, made once per process by the real migrations."""
    if not _made:
        raw = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        engine = create_engine("sqlite://", creator=lambda: raw, poolclass=StaticPool)
        with engine.begin() as connection:
            migrate._upgrade(connection)
        _made.append(raw.serialize())
        engine.dispose()
        raw.close()
    return _made[0]
