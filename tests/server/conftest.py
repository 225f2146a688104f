"""A server for each test that asks for one, on a fresh SQLite database."""

import asyncio
import math
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import pytest

from loadtest.ports import free_port
from protocol import limits
from server.settings import Settings
from tests.server.harness.clock import MovableClock, StillClock
from tests.server.harness.running import RunningServer
from tests.services.forking import forked_program
from tests.services.patience import PATIENCE_S

SECRET = "a secret of the tests, which has more than 32 bytes"

PACED: Final = {
    "rate_per_second": limits.RATE_PER_SECOND,
    "rate_burst": limits.RATE_BURST,
    "bytes_per_second": limits.BYTES_PER_SECOND,
    "org_rate_per_second": limits.ORG_RATE_PER_SECOND,
}
"""The rates of a deployment, for tests that are about them."""

SELDOM_ON_POSTGRES: Final = pytest.mark.parametrize(
    "migrated_url", ["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.long])], indirect=True
)
"""Of tests of `either_server`, where another test has the same statements run on PostgreSQL each time."""

StartServer = Callable[..., Awaitable[RunningServer]]
Pair = tuple[RunningServer, RunningServer]


@pytest.fixture
async def start_server(
    tmp_path: Path, migrated_database: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[StartServer]:
    """Starts servers with the settings given; those with the same `data` share a database, one after the other. Their
    clocks stand: on a slow machine nobody is gone, no token ends and nothing is due while a test goes on. A test that
    is about what happens by itself gives a `MovableClock`. Those on PostgreSQL follow its clock, which runs."""
    # The average lateness of the loop stays what it is: other work on the machine must not put newcomers off here.
    monkeypatch.setattr("server.pacing.loop_lag._WINDOW_S", math.inf)
    # Nor is a file too large because it does.
    monkeypatch.setattr("server.bringing.PATIENCE_S", PATIENCE_S)
    monkeypatch.setattr("server.programs.create_subprocess_exec", forked_program)
    servers: list[RunningServer] = []

    async def start(*, clock: MovableClock | None = None, **given: Any) -> RunningServer:
        data: Path = given.pop("data", tmp_path / "data")
        file = data / "pencilsdown.sqlite3"
        if not given.get("database_url") and not file.exists():
            data.mkdir(parents=True, exist_ok=True)
            shutil.copy(migrated_database, file)
        values: dict[str, Any] = {
            "data": data,
            "token_secret": SECRET,
            "port": free_port(),
            "ops_port": free_port(),
            "drain_ms": 0,
            "monitor_flush_ms": 20,
            # A test is in a hurry, and must not wait or be refused because its machine is quick.
            "connects_per_minute": 100_000,
            "rate_per_second": 10_000,
            "rate_burst": 100_000,
            "bytes_per_second": 1 << 30,
            "org_rate_per_second": 1_000_000,
        }
        settings = Settings(**(values | given))
        server = RunningServer(settings, clock or (MovableClock() if settings.on_postgres else StillClock()))
        servers.append(server)
        await server.start()
        return server

    yield start
    for server in servers:
        await server.stop()


@pytest.fixture
async def server(start_server: StartServer) -> RunningServer:
    """A server that already has the test `algebra-1`."""
    running = await start_server()
    await running.make_test()
    return running


@pytest.fixture
async def either_server(migrated_url: str, start_server: StartServer) -> AsyncIterator[RunningServer]:
    """The same on each kind of database."""
    running = await start_server(database_url=migrated_url)
    await running.make_test()
    yield running
    # Before the database goes.
    await running.stop()


@pytest.fixture
async def paced_server(start_server: StartServer) -> RunningServer:
    """The same with the rates of a deployment."""
    # Time must run for whoever waits because she came too often.
    running = await start_server(clock=MovableClock(), **PACED)
    await running.make_test()
    return running


@pytest.fixture
async def deaf_pair(migrated_postgres_url: str, start_server: StartServer) -> AsyncIterator[Pair]:
    """Two nodes on one PostgreSQL that tell one another nothing, with the test `algebra-1`."""
    one, two = (
        await start_server(database_url=migrated_postgres_url),
        await start_server(database_url=migrated_postgres_url),
    )
    await one.make_test()
    yield one, two
    await asyncio.gather(one.stop(), two.stop())


@pytest.fixture
async def pair(migrated_postgres_url: str, redis_url: str, start_server: StartServer) -> AsyncIterator[Pair]:
    """Two nodes on one PostgreSQL and one Redis, with the test `algebra-1`."""
    given = {"database_url": migrated_postgres_url, "redis_url": redis_url}
    one, two = await start_server(**given), await start_server(**given)
    await one.make_test()
    yield one, two
    # Before the database goes.
    await asyncio.gather(one.stop(), two.stop())
