"""PostgreSQL is restored to an instant, as docs/operations.md says; what devices still know comes back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from clients.python.client import Client
from storage.migrate import migrate
from tests.deploy.files import OPERATIONS
from tests.deploy.test_partitions import broken_chains
from tests.server.conftest import StartServer
from tests.server.harness.waiting import eventually
from tests.server.test_restored import saved
from tests.services.postgres import PostgresServer

ARCHIVE = "test ! -f ../archive/%f && cp %p ../archive/%f"


@pytest.fixture
def archiving() -> Iterator[PostgresServer]:
    with PostgresServer(settings={"archive_mode": "on", "archive_command": ARCHIVE}) as server:
        server.make_folder("archive")
        server.start()
        yield server


def of_an_instant(server: PostgresServer, backup: Path, instant: str) -> PostgresServer:
    """A server with what `server`, which has ended, had committed at that instant."""
    (backup / "recovery.signal").touch()
    return PostgresServer(
        backup=backup,
        settings={
            "restore_command": f"cp {server.folder}/archive/%f %p",
            "recovery_target_time": instant,
            "recovery_target_action": "promote",
        },
    )


@pytest.mark.long
@pytest.mark.postgres
async def test_what_came_after_the_instant_is_told_and_given_back(
    archiving: PostgresServer, start_server: StartServer
) -> None:
    name = archiving.create_database()
    await migrate(archiving.url(name))
    backup = archiving.base_backup()
    server = await start_server(database_url=archiving.url(name))
    await server.make_test()
    attempt_id = await server.make_attempt()
    async with Client(server.settings.url, attempt_id, server.token()) as client:
        await client.start()
        await client.answer("word", "Gauss")
        instant = archiving.execute("SELECT clock_timestamp()")
        await client.answer("word", "Euler")
        last = await client.answer("number", "12")
        await server.stop()
        archiving.execute("SELECT pg_switch_wal()")
        archiving.stop()
        with of_an_instant(archiving, backup, instant) as restored:
            restored.start()
            assert await broken_chains(restored.url(name)) == (4, [])
            again = await start_server(port=server.settings.port, database_url=restored.url(name))
            assert await saved(again, attempt_id) == {"word": "Gauss"}
            await eventually(lambda: client.connections >= 2 and not client.unsettled)
            welcome = await client.welcomed()
            assert (welcome.lost_records, welcome.state.seq < last.seq) == (2, True)
            assert await saved(again, attempt_id) == {"word": "Euler", "number": "12"}
            await again.stop()
            _, broken = await broken_chains(restored.url(name))
            assert broken == []


def test_the_guide_has_the_settings_that_are_tried_here() -> None:
    text = OPERATIONS.read_text()
    for setting in ("archive_mode", "archive_command", "restore_command", "recovery_target_time", "recovery.signal"):
        assert setting in text
