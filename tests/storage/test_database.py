"""The door to the database."""

import asyncio
import time
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, text

from storage.database import Database
from storage.errors import StorageUnavailable, UnsupportedDatabase
from storage.schema import tests
from tests.services.postgres import PostgresServer
from tests.storage.making import open_database


def count_tests(connection: Connection) -> int:
    return len(connection.execute(select(tests.c.test_id)).all())


async def test_it_answers_and_has_a_clock(database: Database) -> None:
    await database.ping()
    assert abs(await database.now_ms() - time.time_ns() // 1_000_000) < 60_000


async def test_a_failed_write_leaves_nothing_behind(database: Database) -> None:
    def work(connection: Connection) -> None:
        connection.execute(text("DELETE FROM tests"))
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        await database.write(work)
    assert await database.read(count_tests) == 1


async def test_a_cancelled_caller_leaves_a_whole_transaction(database: Database) -> None:
    task = asyncio.create_task(database.write(lambda connection: connection.execute(text("DELETE FROM tests"))))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    # whatever became of it, the next one finds a connection that is in order
    for _ in range(30):
        await database.write(lambda connection: connection.execute(text("DELETE FROM tests")))
    assert await database.read(count_tests) == 0


async def test_many_cancelled_readers_lose_no_connection(database: Database) -> None:
    for _ in range(5):
        tasks = [asyncio.create_task(database.read(count_tests)) for _ in range(20)]
        await asyncio.sleep(0.001)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert await asyncio.gather(*(database.read(count_tests) for _ in range(40))) == [1] * 40


async def test_what_cannot_be_opened_says_why(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedDatabase):
        await Database.open("mysql://localhost/x")
    with pytest.raises(StorageUnavailable):
        await Database.open(f"sqlite:///{tmp_path}/no/such/folder/x.sqlite3")
    (tmp_path / "text.sqlite3").write_text("this is no database, only text " * 100)
    with pytest.raises(StorageUnavailable):
        await Database.open(f"sqlite:///{tmp_path}/text.sqlite3")
    with pytest.raises(StorageUnavailable):
        await Database.open("postgresql://nobody:secret@127.0.0.1:1/x")


async def test_a_postgresql_that_goes_and_comes(postgres_server: PostgresServer, migrated_postgres_url: str) -> None:
    database = await open_database(migrated_postgres_url)
    await asyncio.gather(*(database.read(count_tests) for _ in range(10)))
    await asyncio.to_thread(postgres_server.stop)
    with pytest.raises(StorageUnavailable):
        await database.ping()
    with pytest.raises(StorageUnavailable):
        await database.write(count_tests)
    await asyncio.to_thread(postgres_server.start)
    await database.ping()
    assert await database.write(count_tests) == 1
    await asyncio.to_thread(postgres_server.stop)
    await asyncio.to_thread(postgres_server.start)
    # every pooled connection is dead now, and no reader notices
    assert await asyncio.gather(*(database.read(count_tests) for _ in range(10))) == [1] * 10
    await database.close()


async def test_a_database_that_does_not_exist(postgres_url: str) -> None:
    with pytest.raises(StorageUnavailable, match="does not exist"):
        await Database.open(postgres_url + "x")
