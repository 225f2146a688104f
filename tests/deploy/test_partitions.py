"""A database whose logs are partitioned: everything is as it was, and each attempt lies in one place."""

from collections.abc import AsyncIterator

import pytest

from protocol.attempt.commands import Begin
from storage.database import Database
from storage.errors import NoWall
from storage.log.journal import Committed, Journal, Rejected
from storage.log.verify import verify_log
from storage.migrate import migrate
from storage.revision import check_schema
from storage.walls import check_walls
from tests.deploy.files import DEPLOY
from tests.server.conftest import StartServer
from tests.services.postgres import PLAIN, PostgresServer
from tests.storage.making import CANDIDATE, NOW, Owner, open_database

TABLES = ("attempt_log", "snapshots", "answers", "results", "outbox")


def partition(server: PostgresServer, url: str) -> None:
    script = (DEPLOY / "partitions.sql").read_text()
    server.execute(f"SET ROLE {PLAIN}; {script}", database=url.rpartition("/")[2])


def rows(server: PostgresServer, url: str, sql: str) -> list[str]:
    return server.execute(sql, database=url.rpartition("/")[2]).splitlines()


async def sit(server_url: str, start_server: StartServer) -> list[str]:
    """Twelve attempts from the first word to the result; their ids."""
    server = await start_server(database_url=server_url)
    # What is told stays in the outbox.
    server.node.courier.stopping = True
    await server.make_test()
    attempt_ids = [await server.started(f"user-{number}") for number in range(12)]
    for number, attempt_id in enumerate(attempt_ids):
        async with await server.sit(attempt_id, f"user-{number}") as socket:
            await socket.send("answer", n=1, question_id="word", value="Euler", client_at_ms=0)
            await socket.send("submit", n=2, client_at_ms=0)
            await socket.until("ack", n=2)
        await server.reaches(attempt_id, "completed")
        # As a node that has never heard of it finds it.
        live = server.node.registry.at_hand(attempt_id)
        assert live is not None
        await live.settle()
        await server.node.snapshotter.take(everything=True)
        server.node.registry.forget(live)
        assert (await server.status(attempt_id))["status"] == "completed"
        assert [one.value for one in await server.node.answers.of(attempt_id)] == ["Euler"]
    await server.stop()
    return attempt_ids


async def broken_chains(url: str) -> tuple[int, list[str]]:
    database = await Database.open(url)
    try:
        await check_schema(database)
        found = [(count, error) async for _, count, error in verify_log(database, None)]
    finally:
        await database.close()
    return sum(count for count, _ in found), [str(error) for _, error in found if error is not None]


async def test_exams_are_sat_on_partitions(
    postgres_server: PostgresServer, migrated_postgres_url: str, start_server: StartServer
) -> None:
    url = migrated_postgres_url
    partition(postgres_server, url)
    database = await Database.open(url)
    with pytest.raises(NoWall, match=r"answers.*attempt_log.*outbox.*results.*snapshots.*: run `pencilsdown migrate`"):
        await database.read(check_walls)
    await database.close()
    await migrate(url)
    await sit(url, start_server)
    records, broken = await broken_chains(url)
    assert (records > 60, broken) == (True, [])
    for table in TABLES:
        used = rows(postgres_server, migrated_postgres_url, f"SELECT DISTINCT tableoid::regclass FROM {table}")  # noqa: S608
        assert len(used) > 1, f"{table} lies in one partition alone"
    # All that belongs to one attempt lies under one number.
    joined = " JOIN ".join([TABLES[0], *(f"{table} USING (attempt_id)" for table in TABLES[1:])])
    numbers = ", ".join(f"right({table}.tableoid::regclass::text, 2)" for table in TABLES)
    joined += f", unnest(ARRAY[{numbers}]) AS number"
    apart = f"SELECT attempt_id FROM {joined} GROUP BY attempt_id HAVING count(DISTINCT number) > 1"  # noqa: S608
    assert rows(postgres_server, migrated_postgres_url, apart) == []


async def test_what_is_there_goes_along(
    postgres_server: PostgresServer, migrated_postgres_url: str, start_server: StartServer
) -> None:
    await sit(migrated_postgres_url, start_server)
    before = await broken_chains(migrated_postgres_url)

    def counts() -> list[list[str]]:
        return [rows(postgres_server, migrated_postgres_url, f"SELECT count(*) FROM {table}") for table in TABLES]  # noqa: S608

    counted = counts()
    partition(postgres_server, migrated_postgres_url)
    assert await broken_chains(migrated_postgres_url) == before
    assert counts() == counted
    with pytest.raises(RuntimeError, match="is partitioned already"):
        partition(postgres_server, migrated_postgres_url)


@pytest.fixture
async def database(postgres_server: PostgresServer, migrated_postgres_url: str) -> AsyncIterator[Database]:
    opened = await open_database(migrated_postgres_url)
    partition(postgres_server, migrated_postgres_url)
    yield opened
    await opened.close()


async def test_the_fence_holds_across_partitions(database: Database) -> None:
    """Many attempts in one transaction: those that somebody else has written to are told so, the others are written."""
    journal, other = Journal(database, lambda: NOW), Journal(database, lambda: NOW)
    await journal.start()
    await other.start()
    owners = [Owner() for _ in range(10)]
    for owner in owners:
        assert journal.submit(owner.made())
        assert journal.submit(owner.asked(Begin(CANDIDATE, NOW)))
    for owner in owners:
        await owner.heard(2)
    for owner in owners[:5]:
        state = owner.state
        assert other.submit(owner.answered("q9", "c"))
        await owner.heard(3)
        owner.state = state
    for owner in owners:
        assert journal.submit(owner.answered("q1", "a"))
    outcomes = [(await owner.heard(4 if owner in owners[:5] else 3))[-1] for owner in owners]
    assert outcomes == [Rejected("fenced")] * 5 + [Committed(NOW)] * 5
    await journal.close()
    await other.close()
