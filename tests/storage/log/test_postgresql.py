"""What only PostgreSQL can do to a journal: backends that die in COMMIT, servers that go and come back."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from protocol.attempt.commands import Begin
from protocol.attempt.facts import Disconnected
from storage.attempts import Attempts
from storage.database import Database
from storage.log.batch import Rows
from storage.log.journal import Committed, Journal, Rejected
from storage.log.postgresql import _execute
from storage.log.verify import verify_log
from storage.postgresql import PostgresEngine
from tests.services.postgres import PostgresServer
from tests.storage.making import CANDIDATE, NOW, Owner, open_database, until

Outside: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

_WAITING = "SELECT pid FROM pg_stat_activity WHERE wait_event = $1 AND datname = current_database()"


@pytest.fixture
async def database(migrated_postgres_url: str) -> AsyncIterator[Database]:
    opened = await open_database(migrated_postgres_url)
    yield opened
    await opened.close()


@pytest.fixture
async def journal(database: Database) -> AsyncIterator[Journal]:
    made = Journal(database, lambda: NOW)
    await made.start()
    yield made
    await made.close()


@pytest.fixture
async def outside(migrated_postgres_url: str) -> AsyncIterator[Outside]:
    """A connection of somebody else."""
    connection = await asyncpg.connect(migrated_postgres_url.replace("+asyncpg", ""))
    yield connection
    if not connection.is_closed():
        await connection.close()


@contextmanager
def nobody_standing_by(server: PostgresServer) -> Iterator[None]:
    """Commits are written and then wait for a standby that does not exist."""
    server.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    server.execute("SELECT pg_reload_conf()")
    # Whoever connects after the reload was told to everybody shows it.
    while server.execute("SHOW synchronous_standby_names") != "nobody":
        pass
    try:
        yield
    finally:
        server.execute("ALTER SYSTEM RESET synchronous_standby_names")
        server.execute("SELECT pg_reload_conf()")


async def kill_who_waits(outside: Outside, event: str) -> None:
    """Terminates the backend that waits for `event`, as soon as there is one."""
    pid = None
    while pid is None:
        await asyncio.sleep(0.01)
        pid = await outside.fetchval(_WAITING, event)
    assert await outside.fetchval("SELECT pg_terminate_backend($1)", pid)


async def test_killed_in_commit_and_written_nevertheless(
    postgres_server: PostgresServer,
    database: Database,
    journal: Journal,
    outside: Outside,
) -> None:
    owner = Owner()
    assert journal.submit(owner.made())
    await owner.heard()
    with nobody_standing_by(postgres_server):
        assert journal.submit(owner.asked(Begin(CANDIDATE, 0)))
        await kill_who_waits(outside, "SyncRep")
        assert (await owner.heard(2))[1] == Rejected("unknown")
    # "unknown" means it: this time it is there, and who reads the log again goes on from it
    assert await Attempts(database).load(owner.id) == owner.state
    assert journal.submit(owner.answered("q1", "a"))
    assert (await owner.heard(3))[2] == Committed(NOW)
    assert journal.stats.unknown == 1


async def test_killed_in_commit_and_not_written(database: Database, journal: Journal, outside: Outside) -> None:
    owner, neighbour = Owner(), Owner()
    assert journal.submit(owner.made())
    assert journal.submit(neighbour.made())
    await neighbour.heard()
    state = owner.state
    await outside.execute("""
        CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(60); RETURN NULL; END';
        CREATE CONSTRAINT TRIGGER dawdle AFTER INSERT ON attempt_log DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION dawdle()""")
    assert journal.submit(owner.asked(Begin(CANDIDATE, 0)))
    assert journal.submit(owner.answered("q1", "a"))
    assert journal.submit(neighbour.asked(Begin(CANDIDATE, 0)))
    await asyncio.sleep(0)
    await kill_who_waits(outside, "PgSleep")
    assert (await owner.heard(3))[1:] == [Rejected("unknown")] * 2
    assert (await neighbour.heard(2))[1:] == [Rejected("unknown")]
    await outside.execute("DROP TRIGGER dawdle ON attempt_log")
    owner.state = await Attempts(database).load(owner.id)
    assert owner.state == state
    assert journal.submit(owner.asked(Begin(CANDIDATE, 0)))
    assert (await owner.heard(4))[3] == Committed(NOW)


async def test_what_a_frozen_backend_was_given_does_not_get_into_the_log_later(
    migrated_postgres_url: str, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is told "unknown" reads the log, and answers for what is not in it. So nobody is told while it may change."""
    monkeypatch.setattr("storage.postgresql.COMMAND_TIMEOUT_S", 1.0)
    monkeypatch.setattr("storage.log.postgresql._OUTLAST_S", 0.2)
    database = await open_database(migrated_postgres_url)
    journal = Journal(database, lambda: NOW)
    await journal.start()
    owner = Owner()
    neighbour = Owner()
    assert journal.submit(owner.made())
    assert journal.submit(owner.asked(Begin(CANDIDATE, 0)))
    assert journal.submit(owner.answered("q1", "a"))
    await owner.heard(3)
    assert journal.submit(owner.answered("q2", "a"))
    await owner.heard(4)
    state = owner.state
    backend = await outside.fetchval(
        "SELECT pid FROM pg_stat_activity WHERE query LIKE 'INSERT INTO attempt_log%' AND pid <> pg_backend_pid()"
    )
    os.kill(backend, signal.SIGSTOP)
    try:
        assert journal.submit(owner.answered("q3", "a"))
        await until(lambda: not journal.available)
        assert journal.submit(neighbour.made())
        await asyncio.sleep(0.5)  # it has asked the backend to end by now, more than once
        assert len(owner.outcomes) == 4
    finally:
        os.kill(backend, signal.SIGCONT)
    assert (await owner.heard(5))[4] == Rejected("unknown")
    assert await Attempts(database).load(owner.id) == state
    assert await neighbour.heard() == [Committed(NOW)]
    await asyncio.sleep(0.2)
    assert await Attempts(database).load(owner.id) == state
    await journal.close()
    await database.close()


async def test_what_nobody_thought_of_leaves_nothing_under_way(
    database: Database, journal: Journal, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = Owner()
    assert journal.submit(owner.made())
    assert journal.submit(owner.asked(Begin(CANDIDATE, 0)))
    await owner.heard(2)
    state = owner.state
    await outside.execute("""
        CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.5); RETURN NEW; END';
        CREATE TRIGGER dawdle BEFORE INSERT ON attempt_log FOR EACH ROW EXECUTE FUNCTION dawdle()""")
    sent: list[asyncio.Task[None]] = []

    async def send_and_fail(driver: Any, rows: Rows) -> None:
        sent.append(asyncio.create_task(_execute(driver, rows)))
        await asyncio.sleep(0.1)
        raise LookupError("of all things")

    monkeypatch.setattr("storage.log.postgresql._execute", send_and_fail)
    assert journal.submit(owner.answered("q1", "a"))
    assert (await owner.heard(3))[2] == Rejected("unknown")
    await asyncio.wait(sent)
    assert sent[0].exception() is not None
    await asyncio.sleep(0.6)
    assert await Attempts(database).load(owner.id) == state


async def test_a_driver_that_could_not_begin_has_sent_nothing(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So it is tried again, and nobody is told that the outcome is unknown. The words are asyncpg's, where a server
    says that it goes while nothing is asked of it."""
    owner = Owner()
    assert journal.submit(owner.made())
    assert journal.submit(owner.asked(Begin(CANDIDATE, 0)))
    await owner.heard(2)
    failures = 1

    async def fail_once(driver: Any, rows: Rows) -> None:
        nonlocal failures
        if failures:
            failures -= 1
            raise asyncpg.InternalClientError("cannot switch to state 11; another operation (2) is in progress")
        await _execute(driver, rows)

    monkeypatch.setattr("storage.log.postgresql._execute", fail_once)
    assert journal.submit(owner.answered("q1", "a"))
    assert (await owner.heard(3))[2] == Committed(NOW)
    assert (journal.stats.retries, journal.stats.unknown) == (1, 0)


async def test_killed_while_an_attempt_is_made_before_commit(
    database: Database, journal: Journal, outside: Outside, migrated_postgres_url: str
) -> None:
    """The transaction had not come to its COMMIT: it is simply done again."""
    locking = await asyncpg.connect(migrated_postgres_url.replace("+asyncpg", ""))
    async with locking.transaction():
        await locking.execute("LOCK TABLE test_attempts IN ACCESS EXCLUSIVE MODE")
        owner = Owner()
        assert journal.submit(owner.made())
        await kill_who_waits(outside, "relation")
    await locking.close()
    assert await owner.heard() == [Committed(NOW)]
    assert journal.stats.retries == 1
    assert [verdict async for verdict in verify_log(database)] == [(owner.id, 1, None)]


async def test_a_node_that_freezes_while_it_makes_an_attempt_holds_up_the_others_only_so_long(
    migrated_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.postgresql.JOURNAL_IDLE_S", 0.3)
    database = await open_database(migrated_postgres_url)
    assert isinstance(database.engine, PostgresEngine)
    journal = Journal(database, lambda: NOW)
    await journal.start()
    owner = Owner()
    frozen = await database.engine.journal_engine.connect()
    await frozen.execute(text("LOCK TABLE test_attempts IN EXCLUSIVE MODE"))  # and no more is heard of it
    assert journal.submit(owner.made())
    assert await owner.heard() == [Committed(NOW)]
    assert journal.stats.retries == 0, "the statement itself was not given up"
    with pytest.raises(DBAPIError):
        await frozen.execute(text("SELECT 1"))
    await frozen.invalidate()
    await frozen.close()
    await journal.close()
    await database.close()


async def test_while_the_server_is_away_appends_wait_in_their_order(
    postgres_server: PostgresServer, database: Database, journal: Journal
) -> None:
    owners = [Owner() for _ in range(5)]
    for owner in owners:
        assert journal.submit(owner.made())
    await owners[-1].heard()
    await asyncio.to_thread(postgres_server.stop)
    for owner in owners:
        assert journal.submit(owner.asked(Begin(CANDIDATE, 0)))
    await until(lambda: journal.stats.retries > 0)
    await until(lambda: not journal.available)
    for owner in owners:
        assert journal.submit(owner.answered("q1", "a"))
        assert len(owner.outcomes) == 1
    assert journal.queued == 10
    await asyncio.to_thread(postgres_server.start)
    for owner in owners:
        assert (await owner.heard(3))[1:] == [Committed(NOW)] * 2
        assert await Attempts(database).load(owner.id) == owner.state
    await until(lambda: journal.available)
    assert journal.stats.unknown == 0


async def test_what_became_late_while_the_server_was_away_is_not_committed(
    postgres_server: PostgresServer, database: Database
) -> None:
    now_ms = NOW
    journal = Journal(database, lambda: now_ms)
    await journal.start()
    owner = Owner()
    assert journal.submit(owner.made())
    assert journal.submit(owner.asked(Begin(CANDIDATE, 0)))
    await owner.heard(2)
    await asyncio.to_thread(postgres_server.stop)
    assert journal.submit(owner.answered("q1", "a", not_after_ms=NOW + 10))
    await until(lambda: journal.stats.retries > 0)
    now_ms = NOW + 10
    await asyncio.to_thread(postgres_server.start)
    assert (await owner.heard(3))[2] == Rejected("late")
    await journal.close()


async def test_closing_does_not_wait_for_ever(
    postgres_server: PostgresServer, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.log.journal.CLOSING_PATIENCE_S", 0.3)
    journal = Journal(database, lambda: NOW)
    owner = Owner()
    await journal.start()
    await asyncio.to_thread(postgres_server.stop)
    assert journal.submit(owner.made())
    await journal.close()
    assert owner.outcomes == [Rejected("unknown")]
    await asyncio.to_thread(postgres_server.start)


async def test_two_nodes_on_the_same_attempts_do_not_deadlock(
    database: Database, journal: Journal, outside: Outside
) -> None:
    """Each has the same attempts in another order in its transactions, which are slow enough to meet."""
    other = Journal(database, lambda: NOW)
    await other.start()
    owners = [Owner() for _ in range(20)]
    for owner in owners:
        assert journal.submit(owner.made())
    await owners[-1].heard()
    await outside.execute("""
        CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.01); RETURN NEW; END';
        CREATE TRIGGER dawdle BEFORE INSERT ON attempt_log FOR EACH ROW EXECUTE FUNCTION dawdle()""")
    for _ in range(3):
        theirs = []
        for owner in owners:
            state = owner.state
            theirs.append(owner.stated(Disconnected("theirs", 0)))
            owner.state = state
            assert journal.submit(owner.stated(Disconnected("ours", 0)))
        for append in reversed(theirs):
            assert other.submit(append)
        await until(lambda: not journal.queued and not other.queued)
        loaded = await asyncio.gather(*(Attempts(database).load(owner.id) for owner in owners))
        for owner, state in zip(owners, loaded, strict=True):
            owner.state = state
    assert journal.stats.retries == other.stats.retries == 0
    assert journal.stats.conflicts + other.stats.conflicts == 60
    await other.close()
    assert [verdict[1:] async for verdict in verify_log(database)] == [(4, None)] * 20
