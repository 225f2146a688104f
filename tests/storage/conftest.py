"""A database with our tables and one test in it, of each kind, and a journal over it."""

from collections.abc import AsyncIterator

import pytest

from storage.attempts import Attempts
from storage.claims import Claims
from storage.database import Database
from storage.log.journal import Journal
from storage.snapshots import Snapshots
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
