"""Connections to PostgreSQL: sessions of our own with the primary, behind a pooler too; and what is read is durable."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from storage.attempts import Attempts
from storage.database import Database
from storage.errors import SharedSessions, StorageUnavailable
from storage.log.journal import Committed, Journal, Rejected
from storage.tests import Tests
from storage.walls import check_walls
from tests.services.patience import PATIENCE_S
from tests.services.pgbouncer import PgBouncer
from tests.services.postgres import PostgresServer
from tests.storage.making import CONTENT, NOW, ORG, begun, open_database, until

pytestmark = pytest.mark.postgres

_ALL_WAITING = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
_SINCE = "SELECT query_start FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND application_name = 'pencilsdown'"
_WAITING = f"{_ALL_WAITING} AND application_name = 'pencilsdown'"


@pytest.fixture
async def database(migrated_postgres_url: str) -> AsyncIterator[Database]:
    opened = await open_database(migrated_postgres_url)
    yield opened
    await opened.close()


@asynccontextmanager
async def running(database: Database) -> AsyncIterator[Journal]:
    journal = Journal(database, lambda: NOW)
    await journal.start()
    try:
        yield journal
    finally:
        await journal.close()


async def setting(database: Database, name: str) -> str:
    return str(await database.read(lambda connection: connection.exec_driver_sql(f"SHOW {name}").scalar_one()))


async def one_waiting(server: PostgresServer, *others: str) -> str:
    """The backend that waits until a standby confirms, and is none of `others`."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            found = (await asyncio.to_thread(server.execute, _WAITING)).split()
            for pid in found:
                if pid not in others:
                    return pid
            await asyncio.sleep(0.02)


async def write(database: Database) -> None:
    await database.write(lambda connection: connection.exec_driver_sql("DELETE FROM nodes").close())


async def until_refused(database: Database) -> None:
    """A reload of PostgreSQL's settings is no event."""
    while True:
        await write(database)


@asynccontextmanager
async def confirmed_by_nobody(server: PostgresServer, url: str) -> AsyncIterator[None]:
    """Inside the block every commit waits for a standby."""
    with server.having("synchronous_standby_names", "nobody"):
        probe = await asyncpg.connect(url.replace("+asyncpg", ""))
        try:
            # A reload is no event: a commit that waits shows that it has come through.
            while True:
                commit = asyncio.create_task(probe.execute("SELECT pg_logical_emit_message(true, 'probe', '')"))
                pid = str(probe.get_server_pid())
                await until(lambda: commit.done() or pid in server.execute(_ALL_WAITING).split())  # noqa: B023 -- awaited
                if not commit.done():
                    server.execute(f"SELECT pg_cancel_backend({pid})")
                    await commit
                    break
        finally:
            await probe.close()
        yield


async def test_each_connection_is_a_session_with_our_settings(database: Database) -> None:
    await database.check_sessions()
    assert await setting(database, "statement_timeout") == "15s"


async def test_a_pooler_of_sessions_serves(postgres_server: PostgresServer, migrated_postgres_url: str) -> None:
    with PgBouncer(postgres_server) as pooler:
        pooler.start()
        database = await open_database(pooler.url(migrated_postgres_url.rpartition("/")[2]))
        try:
            await database.check_sessions()
            assert await database.read(check_walls) is True
            assert await setting(database, "statement_timeout") == "15s"
            async with running(database) as journal:
                (owner,) = await begun(journal)
                assert await Attempts(database).load(owner.id) == owner.attempt
        finally:
            await database.close()


async def test_a_pooler_of_transactions_is_refused_by_name(
    postgres_server: PostgresServer, migrated_postgres_url: str
) -> None:
    with PgBouncer(postgres_server, mode="transaction") as pooler:
        pooler.start()
        database = await Database.open(pooler.url(migrated_postgres_url.rpartition("/")[2]))
        try:
            with pytest.raises(SharedSessions, match="must pool by session"):
                await database.check_sessions()
        finally:
            await database.close()


async def test_commits_are_durable_whatever_the_role_was_given(
    postgres_server: PostgresServer, migrated_postgres_url: str
) -> None:
    name = migrated_postgres_url.rpartition("/")[2]
    postgres_server.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    database = await Database.open(migrated_postgres_url)
    try:
        assert await setting(database, "synchronous_commit") == "on"
    finally:
        await database.close()
        postgres_server.execute(f'ALTER DATABASE "{name}" RESET synchronous_commit')


async def test_a_server_that_takes_no_writes_is_away_and_left(
    postgres_server: PostgresServer, migrated_postgres_url: str, database: Database
) -> None:
    """So are a standby, and the former primary after a failover: who knows a better way gets another connection."""
    async with running(database) as journal:
        (owner,) = await begun(journal)
        with postgres_server.having("default_transaction_read_only", "on"):
            with pytest.raises(StorageUnavailable, match="read-only"):
                await until_refused(database)
            with pytest.raises(StorageUnavailable, match="read-write"):
                await write(database)
            with pytest.raises(StorageUnavailable, match="read-write"):
                await Database.open(migrated_postgres_url)
            count = 2
            while journal.available:
                journal.submit(owner.answered("q1", "a"))
                count += 1
                await until(lambda: len(owner.outcomes) == count or not journal.available)  # noqa: B023 -- awaited
        assert isinstance((await owner.heard(count))[-1], Committed)
    await write(database)


@pytest.mark.parametrize("stop", ["pg_terminate_backend", "pg_cancel_backend"])
async def test_what_no_standby_has_confirmed_is_not_told(
    postgres_server: PostgresServer, migrated_postgres_url: str, database: Database, stop: str
) -> None:
    """A backend that stops waiting for the standby has committed: everybody sees its rows, and a failover would lose
    them. Where its wait was cancelled, it even says that it succeeded."""
    async with running(database) as journal:
        (owner,) = await begun(journal)
        async with confirmed_by_nobody(postgres_server, migrated_postgres_url):
            journal.submit(owner.answered("q1", "a"))
            pid = await one_waiting(postgres_server)
            postgres_server.execute(f"SELECT {stop}({pid})")
            assert (await owner.heard(3))[-1] == Rejected("unknown")
            loading = asyncio.create_task(Attempts(database).load(owner.id))
            reader = await one_waiting(postgres_server, pid)
            # Whoever waits for her waits again.
            started = postgres_server.execute(_SINCE)
            postgres_server.execute(f"SELECT pg_cancel_backend({reader})")
            while not loading.done() and (await asyncio.to_thread(postgres_server.execute, _SINCE)) in ("", started):
                pass
            assert not loading.done()
        async with asyncio.timeout(PATIENCE_S):
            assert await loading == owner.attempt


async def test_a_write_whose_wait_was_cancelled_has_not_succeeded(
    postgres_server: PostgresServer, migrated_postgres_url: str, database: Database
) -> None:
    async with confirmed_by_nobody(postgres_server, migrated_postgres_url):
        putting = asyncio.create_task(Tests(database).put(ORG, "another", CONTENT, NOW))
        pid = await one_waiting(postgres_server)
        postgres_server.execute(f"SELECT pg_cancel_backend({pid})")
        with pytest.raises(StorageUnavailable, match="cancelled the wait"):
            await putting
