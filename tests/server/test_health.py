"""Whether the database is there is known before anybody needs it."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from server import health as health_module
from server.health import Health
from server.outage import Outage
from storage.database import Database
from storage.log.journal import Journal
from tests.server.conftest import StartServer
from tests.server.harness.running import RunningServer
from tests.server.harness.waiting import eventually
from tests.services.postgres import PostgresServer


async def gauge(server: RunningServer) -> float:
    text = (await server.ops("/metrics")).raw.decode()
    families = {family.name: family for family in text_string_to_metric_families(text)}
    return families["pencilsdown_database_available"].samples[0].value


async def ready(server: RunningServer) -> list[str]:
    reply = await server.ops("/readyz")
    assert reply.status == (503 if reply.body["missing"] else 200)
    return list(reply.body["missing"])


async def test_an_idle_node_notices_that_postgresql_stops_and_comes_back(
    start_server: StartServer,
    postgres_server: PostgresServer,
    migrated_postgres_url: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = await start_server(database_url=migrated_postgres_url)
    assert (await gauge(server), await ready(server)) == (1, [])
    with caplog.at_level(logging.WARNING, "server"):
        # It waits for a connection that is being opened, and this loop has to go on opening it.
        await asyncio.to_thread(postgres_server.stop)
        await eventually(lambda: not server.node.health.database_available)
        assert (await gauge(server), await ready(server)) == (0, ["database"])
        await asyncio.to_thread(postgres_server.start)
        await eventually(lambda: server.node.health.database_available)
        assert (await gauge(server), await ready(server)) == (1, [])
        await eventually(lambda: "The database is back after" in caplog.text)
    told = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len([line for line in told if line.startswith("The database is away")]) == 1
    assert len(told) <= 4, told


async def test_a_frozen_database_is_noticed_too(
    start_server: StartServer, postgres_server: PostgresServer, migrated_postgres_url: str
) -> None:
    server = await start_server(database_url=migrated_postgres_url)
    health = server.node.health
    # An answer that is on its way would be taken in the freeze, and undo what a slow look before it had found.
    await eventually(lambda: health.database_available and health._looking is None)
    with postgres_server.frozen():
        await eventually(lambda: not server.node.health.database_available)
        assert (await gauge(server), await ready(server)) == (0, ["database"])
    await eventually(lambda: server.node.health.database_available)


async def test_asking_does_not_reach_the_database(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0

    async def ping() -> None:
        nonlocal asked
        asked += 1

    monkeypatch.setattr(server.node.database, "ping", ping)
    monkeypatch.setattr(server.node.database, "try_to_write", ping)
    before = server.node.health._looks
    for _ in range(50):
        assert await ready(server) == []
    assert asked == server.node.health._looks - before


@pytest.fixture
async def database(migrated_url: str) -> AsyncIterator[Database]:
    opened = await Database.open(migrated_url)
    yield opened
    await opened.close()


async def test_a_journal_with_nothing_to_write_is_told_that_it_could(database: Database) -> None:
    """Its last transaction failed, and was given up: without traffic it would count as away for good."""
    journal = Journal(database, lambda: 0)
    health = Health(database, journal, Outage(lambda: 0.0))
    journal._note_away(Exception("full"))
    assert not health.database_available
    await health.look()
    assert health.database_available


async def test_a_node_with_too_much_to_do_does_not_take_its_database_for_away(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer takes several turns of the loop to arrive; if these are long, they take longer than the patience."""
    monkeypatch.setattr(health_module, "_PATIENCE_S", 0.2)
    health = Health(database, Journal(database, lambda: 0), Outage(lambda: 0.0))
    loop = asyncio.get_running_loop()
    idle = False

    def hold_up() -> None:
        if not idle:
            time.sleep(0.15)
            loop.call_soon(hold_up)

    hold_up()
    await health.look()
    idle = True
    assert health.database_available
