"""What an operator is told of a PostgreSQL that might lose acknowledged answers."""

import asyncio
from pathlib import Path

import pytest

from storage.database import Database
from storage.durability import Risk, risks
from tests.services.patience import PATIENCE_S
from tests.services.postgres import SUPERUSER, PostgresServer
from tests.services.processes import Processes
from tests.services.server import find_binary

pytestmark = pytest.mark.postgres


async def test_each_risk_is_found(
    postgres_server: PostgresServer, migrated_postgres_url: str, processes: Processes, tmp_path: Path
) -> None:
    database = await Database.open(migrated_postgres_url)
    try:
        # The server of the tests does not wait for its disk.
        assert await database.read(risks) == [Risk.NO_SYNC]
        with postgres_server.having("synchronous_standby_names", "nobody"):
            async with asyncio.timeout(PATIENCE_S):
                while Risk.NOBODY_CONFIRMS not in await database.read(risks):  # noqa: ASYNC110 -- a reload is no event
                    await asyncio.sleep(0.02)
        receiver = find_binary("pg_receivewal", sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))
        address = ("--host", postgres_server.host, "--port", str(postgres_server.port), "--username", SUPERUSER)
        processes.start([receiver, *address, "--no-password", "--directory", tmp_path])
        async with asyncio.timeout(PATIENCE_S):
            while Risk.NOT_CONFIRMED not in await database.read(risks):  # noqa: ASYNC110 -- it tells nobody
                await asyncio.sleep(0.02)
    finally:
        await database.close()
