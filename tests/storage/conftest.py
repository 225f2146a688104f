"""A database with our tables and one test in it, of each kind, and a journal over it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from storage.attempts import Attempts
from storage.claims import Claims
from storage.database import Database
from storage.log.journal import Journal
from storage.media import InFolder, Store
from storage.media_bucket import InBucket, parse_bucket
from storage.snapshots import Snapshots
from tests.services.s3 import S3Server
from tests.storage.making import NOW, open_database


class SettableClock:
    """Stands where it is put."""

    def __init__(self) -> None:
        self.now_ms = NOW

    def __call__(self) -> int:
        return self.now_ms


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
async def database(migrated_url: str) -> AsyncIterator[Database]:
    opened = await open_database(migrated_url)
    yield opened
    await opened.close()


@pytest.fixture
async def journal(database: Database, clock: SettableClock) -> AsyncIterator[Journal]:
    """Running."""
    made = Journal(database, clock)
    await made.start()
    yield made
    await made.close()


@pytest.fixture
def attempts(database: Database) -> Attempts:
    return Attempts(database)


@pytest.fixture
def claims(database: Database) -> Claims:
    return Claims(database)


@pytest.fixture
def snapshots(database: Database) -> Snapshots:
    return Snapshots(database)


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    with S3Server() as server:
        server.start()
        yield server


@pytest.fixture(params=["table", "folder", "bucket"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store | None]:
    """Each time an empty one, of each kind."""
    match request.param:
        case "table":
            yield None
        case "folder":
            yield InFolder(tmp_path / "media")
        case "bucket":
            server: S3Server = request.getfixturevalue("s3")
            server.empty()
            store = InBucket(parse_bucket(server.bucket))
            yield store
            await store.close()
