"""The embedded database: one writer, durable commits, a disk that is full, another process."""

import asyncio
import os
import shutil
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text, update
from sqlalchemy.exc import OperationalError

from protocol.attempt.commands import Begin
from storage.attempts import Attempts
from storage.database import Database
from storage.errors import AlreadyServed, StorageUnavailable
from storage.log.batch import OutcomeUnknown
from storage.log.journal import Committed, Journal, Rejected
from storage.log.sqlite import SqliteLogWriter
from storage.schema import tests
from storage.sqlite import SqliteEngine, connect
from tests.storage.making import CANDIDATE, NOW, Owner, open_database, until

_HOLD_THE_LOCK = """
import fcntl, sys
file = open(sys.argv[1], "a")
fcntl.flock(file, fcntl.LOCK_EX)
print("locked", flush=True)
sys.stdin.read()
"""


@pytest.fixture
async def database(migrated_sqlite_url: str) -> AsyncIterator[Database]:
    opened = await open_database(migrated_sqlite_url)
    yield opened
    await opened.close()


@pytest.fixture
async def journal(database: Database) -> AsyncIterator[Journal]:
    made = Journal(database, lambda: NOW)
    await made.start()
    yield made
    await made.close()


def engine_of(database: Database) -> SqliteEngine:
    assert isinstance(database.engine, SqliteEngine)
    return database.engine


def pragmas(connection: Connection) -> dict[str, int | str]:
    names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "query_only")
    return {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names}


async def test_the_writing_connection_is_durable(database: Database) -> None:
    found = await database.write(pragmas)
    assert found["journal_mode"] == "wal"
    assert found["synchronous"] == 2  # FULL
    assert found["foreign_keys"] == 1
    assert found["busy_timeout"] == 5_000


async def test_readers_cannot_write(database: Database) -> None:
    with pytest.raises((OperationalError, StorageUnavailable), match="readonly"):
        await database.read(lambda connection: connection.execute(text("DELETE FROM tests")))


async def test_writes_and_the_journal_share_one_connection(database: Database, journal: Journal) -> None:
    """Thirty writers and a journal, and never more than one connection that may write."""
    owners = [Owner() for _ in range(30)]

    async def write_something() -> str:
        def work(connection: Connection) -> str:
            connection.execute(text("UPDATE tests SET title = 'x'"))
            return repr(connection.connection.driver_connection)

        return await database.write(work)

    for owner in owners:
        assert journal.submit(owner.made())
    written = await asyncio.gather(*(write_something() for _ in range(30)))
    assert len(set(written)) == 1
    assert [await owner.heard() for owner in owners] == [[Committed(NOW)]] * 30
    seen = await engine_of(database).write_first(repr)
    assert {seen} == set(written)


async def test_nothing_is_acknowledged_on_a_full_disk(
    database: Database, journal: Journal, migrated_sqlite_url: str
) -> None:
    """`max_page_count` makes SQLite say exactly what it says when the disk is full."""
    owner = Owner()
    assert journal.submit(owner.made())
    assert await owner.heard() == [Committed(NOW)]

    def fill(connection: sqlite3.Connection) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")

    # the limit belongs to the connection, and a new one is made after the error: then there is room again
    await engine_of(database).write_first(fill)
    others = [Owner() for _ in range(200)]
    for other in others:
        assert journal.submit(other.made())
    outcomes = [(await other.heard())[0] for other in others]
    assert journal.stats.retries + journal.stats.unknown > 0
    for other, outcome in zip(others, outcomes, strict=True):
        assert (await Attempts(database).load(other.id) is not None) == isinstance(outcome, Committed)
        assert outcome in (Committed(NOW), Rejected("unknown"))


async def test_another_process_that_writes_is_waited_for(
    database: Database, journal: Journal, migrated_sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.sqlite.BUSY_TIMEOUT_S", 0.05)
    path = Path(migrated_sqlite_url.removeprefix("sqlite+aiosqlite:///"))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _HOLD_THE_LOCK, str(path.with_name(path.name + "-lock"))),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"locked\n"
    owner = Owner()
    assert journal.submit(owner.made())
    await until(lambda: journal.stats.retries > 0)
    with pytest.raises(StorageUnavailable, match="locked"):
        await database.write(lambda connection: None)
    await database.ping()  # readers are not concerned
    assert owner.outcomes == []
    await process.communicate(b"")
    assert await owner.heard() == [Committed(NOW)]


async def test_two_databases_on_one_file_take_turns(
    database: Database, journal: Journal, migrated_sqlite_url: str
) -> None:
    """As when a command is run beside the server."""
    beside = await Database.open(migrated_sqlite_url)
    owners = [Owner() for _ in range(50)]
    for number, owner in enumerate(owners):
        assert journal.submit(owner.made())
        retitle = update(tests).values(title=str(number))
        await beside.write(partial(Connection.execute, statement=retitle))
    for owner in owners:
        assert await owner.heard() == [Committed(NOW)]
    await beside.close()
    assert await database.read(lambda c: c.execute(text("SELECT title FROM tests")).scalar()) == "49"


async def test_one_server_at_a_time_and_commands_beside_it(migrated_sqlite_url: str) -> None:
    server = await open_database(migrated_sqlite_url)
    server.serve_alone()
    beside = await Database.open(migrated_sqlite_url)
    with pytest.raises(AlreadyServed):
        beside.serve_alone()
    await beside.write(lambda connection: connection.execute(text("UPDATE tests SET title = 'beside'")))
    await server.close()
    beside.serve_alone()
    await beside.close()


async def test_what_was_committed_survives_without_closing(migrated_sqlite_url: str) -> None:
    first = await open_database(migrated_sqlite_url)
    journal = Journal(first, lambda: NOW)
    await journal.start()
    owner = Owner()
    assert journal.submit(owner.made())
    await owner.heard()
    second = await Database.open(migrated_sqlite_url)
    assert await Attempts(second).load(owner.id) == owner.state
    await second.close()
    await journal.close()
    await first.close()


async def test_what_a_failed_commit_left_in_the_log_does_not_come_back(
    database: Database, journal: Journal, migrated_sqlite_url: str, tmp_path: Path
) -> None:
    """Where the sync fails, the pages are written, and whoever opens the database after a crash takes them for durable.
    They are made elsewhere and put there: no disk of ours fails at will."""
    file = Path(migrated_sqlite_url.removeprefix("sqlite+aiosqlite:///"))
    owner = Owner()
    assert journal.submit(owner.made())
    assert await owner.heard() == [Committed(NOW)]

    twin = crashed(file, tmp_path / "twin")
    elsewhere = await Database.open(f"sqlite:///{twin}")
    other_journal = Journal(elsewhere, lambda: NOW)
    await other_journal.start()
    assert other_journal.submit(owner.asked(Begin(CANDIDATE, 0)))
    await owner.heard(2)
    ghost = log_of(twin).read_bytes()
    await other_journal.close()
    await elsewhere.close()
    log_of(file).write_bytes(ghost)

    assert len(await Attempts(database).records(owner.id)) == 1, "it says that it is not there"
    assert await records_in(crashed(file, tmp_path / "before"), owner.id) == 2, "and here it is"
    await SqliteLogWriter(engine_of(database)).outlast()
    assert await records_in(crashed(file, tmp_path / "after"), owner.id) == 1


def log_of(file: Path) -> Path:
    return file.with_name(file.name + "-wal")


def crashed(file: Path, folder: Path) -> Path:
    """The database as the next process finds it after a crash."""
    folder.mkdir()
    for one in (file, log_of(file)):
        shutil.copy(one, folder)
    return folder / file.name


async def records_in(file: Path, attempt_id: str) -> int:
    opened = await Database.open(f"sqlite:///{file}")
    records = await Attempts(opened).records(attempt_id)
    await opened.close()
    return len(records)


async def test_a_commit_that_nobody_can_vouch_for_waits_until_the_disk_can_be_written(
    database: Database, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = Owner()
    assert journal.submit(owner.made())
    assert await owner.heard() == [Committed(NOW)]
    engine = engine_of(database)
    write_first = engine.write_first
    fails = 3

    async def write(work: Callable[[sqlite3.Connection], Any]) -> Any:
        nonlocal fails
        if fails == 0:
            return await write_first(work)
        fails -= 1
        raise OutcomeUnknown("SQLite: disk I/O error") if fails == 2 else StorageUnavailable("SQLite: disk I/O error")

    monkeypatch.setattr(engine, "write_first", write)
    assert journal.submit(owner.asked(Begin(CANDIDATE, 0)))
    assert await owner.heard(2) == [Committed(NOW), Rejected("unknown")]
    assert fails == 0


def test_what_is_no_database_stays_open_for_nobody(tmp_path: Path) -> None:
    file = tmp_path / "text.sqlite3"
    file.write_text("this is no database, only text " * 100)
    # What is caught holds on to all that the frames below it had.
    with pytest.raises(sqlite3.DatabaseError) as caught:
        connect(file, readonly=False)
    assert caught.tb is not None
    opened = {os.readlink(one) for one in Path("/proc/self/fd").iterdir() if one.exists()}
    assert str(file) not in opened
