"""Fixtures for everybody: real databases, a real Redis, a real browser, each started when first asked for."""

import asyncio
import gc
import os
import shutil
import signal
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Generator, Iterator
from functools import cache
from itertools import count
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio
from hypothesis import settings
from playwright.async_api import Browser

from protocol.marks import marks
from storage.migrate import migrate
from tests.marks import CLAIMS
from tests.services.browser import open_chromium
from tests.services.copies import Copies
from tests.services.once import once
from tests.services.postgres import PostgresServer
from tests.services.processes import Processes
from tests.services.redis import RedisServer
from tests.services.redis_cluster import RedisCluster

pytest_plugins = ["tests.beside", "tests.plain", "tests.stuck"]

# Where Python is told to keep no bytecode (containers often say so), each of our many processes would compile every
# module anew, which takes longer than the rest of its start.
if sys.dont_write_bytecode:
    sys.dont_write_bytecode = False
    sys.pycache_prefix = str(Path(__file__).parents[1] / "build" / "bytecode")
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# On a small and busy machine a slow example is no bug; pytest's own limit ends a stuck one.
settings.register_profile("pencilsdown", deadline=None, print_blob=True)
settings.load_profile("pencilsdown")

_MARKED_BY_FIXTURE = {
    "postgres_server": "postgres",
    "redis_server": "redis",
    "redis_cluster": "redis",
    "chromium": "chromium",
}


_FIRST = ("e2e", "simulation", "loadtest", "deploy", "fuzz", "server", "storage")
"""Folders whose tests take long and wait much, the longest first: begun last, a few of them would keep one worker busy
when the others have nothing left to do."""

_GARBAGE: Final = (20_000, 10, 10)
"""After how many new objects, and looks at the young and the middle ones, garbage is looked for. With Python's own
numbers that was up to a tenth of what tests cost."""

_CLAIMED: dict[str, set[str]] = defaultdict(set)
for _mark, _test in CLAIMS.items():
    _CLAIMED[_test].add(_mark)


def pytest_configure() -> None:
    # Collecting makes a million objects that stay: looking through them for garbage, again and again, finds none.
    gc.disable()
    # A run that is told to stop (by `timeout`, by CI) takes its servers along, like one that is interrupted.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for fixture, mark in _MARKED_BY_FIXTURE.items():
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(mark)
        if item.get_closest_marker("asyncio") and "chromium" in getattr(item, "fixturenames", ()):
            # The browser belongs to the loop in which it was opened.
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
    items.sort(key=_turn)


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GARBAGE)
    gc.enable()


@cache
def _folder(file: Path) -> str:
    return file.relative_to(Path(__file__).parent).parts[0]


def _turn(item: pytest.Item) -> int:
    folder = _folder(item.path)
    return _FIRST.index(folder) if folder in _FIRST else len(_FIRST)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """A test that claims marks at rare branches must reach them: see `tests/marks.py`."""
    claimed = _CLAIMED.get(item.nodeid.partition("[")[0])
    if claimed is None:
        return (yield)
    with marks() as reached:
        result = yield
    assert claimed <= reached, f"the test no longer leads to: {', '.join(sorted(claimed - reached))}"
    return result


_MIGRATED: Final = "migrated"


def _migrated_cluster(folder: Path) -> None:
    """Of a PostgreSQL: its data, with a database that has our tables."""
    with PostgresServer() as server:
        server.start()
        server.create_database(_MIGRATED)
        asyncio.run(migrate(server.url(_MIGRATED)))
        server.stop()
        server.copy_data(folder)


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """The worker's PostgreSQL. A test may stop, kill and restart it; `postgres_url` starts it again."""
    with PostgresServer(backup=once(tmp_path_factory, "postgres", _migrated_cluster)) as server:
        server.start()
        yield server


_KEPT: Final = 60
"""Used databases that stay until their server goes, 9 MB each: to drop one costs twice as much as to make one."""
_used: Final = count()


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A fresh, empty PostgreSQL database."""
    postgres_server.start()
    name = postgres_server.create_database()
    yield postgres_server.url(name)
    if next(_used) >= _KEPT:
        postgres_server.start()
        postgres_server.drop_database(name)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A fresh SQLite database, in a file that does not exist yet."""
    return f"sqlite+aiosqlite:///{tmp_path / 'pencilsdown.sqlite3'}"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh, empty database of each kind that we support: one suite runs over all of them."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(scope="session")
def migrated_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database with our tables and nothing in them, to be copied: that is quicker than migrations."""
    return once(tmp_path_factory, "pencilsdown.sqlite3", lambda file: asyncio.run(migrate(f"sqlite:///{file}")))


@pytest.fixture
def migrated_sqlite_url(sqlite_url: str, migrated_database: Path) -> str:
    """A fresh SQLite database with our tables."""
    shutil.copy(migrated_database, sqlite_url.partition("///")[2])
    return sqlite_url


@pytest.fixture(scope="session")
def migrated_copies(postgres_server: PostgresServer) -> Copies:
    """PostgreSQL databases with our tables."""
    postgres_server.start()
    return Copies(postgres_server, _MIGRATED)


@pytest.fixture
def migrated_postgres_url(postgres_server: PostgresServer, migrated_copies: Copies) -> Iterator[str]:
    """A PostgreSQL database with our tables and nothing in them."""
    postgres_server.start()
    with migrated_copies.one() as name:
        yield postgres_server.url(name)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def migrated_url(request: pytest.FixtureRequest) -> str:
    """A fresh database of each kind, with our tables."""
    url: str = request.getfixturevalue(f"migrated_{request.param}_url")
    return url


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """The run's Redis. A test may stop, kill and restart it; `redis_url` starts it again."""
    with RedisServer() as server:
        server.start()
        yield server


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """A running Redis without keys."""
    redis_server.start()
    redis_server.clear()
    return redis_server.url


@pytest.fixture(scope="session")
def redis_cluster() -> Iterator[RedisCluster]:
    """The run's Redis Cluster. A test may kill members and move slots; `redis_cluster_url` starts who is missing."""
    with RedisCluster() as cluster:
        yield cluster


@pytest.fixture
def redis_cluster_url(redis_cluster: RedisCluster) -> str:
    """A Redis Cluster that is well."""
    redis_cluster.start()
    return redis_cluster.url


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def running_chromium() -> AsyncIterator[Browser]:
    """The run's browser."""
    async with open_chromium() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def chromium(running_chromium: Browser) -> AsyncIterator[Browser]:
    """A real browser, of which every page and every context is a person of their own. It is the run's, since a start
    takes longer than most of what is done in it: a test that kills it opens another one."""
    yield running_chromium
    for context in running_chromium.contexts:
        await context.close()


@pytest.fixture
def processes() -> Iterator[Processes]:
    """Starts programs that end with the test."""
    with Processes() as children:
        yield children
