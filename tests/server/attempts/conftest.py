"""Nodes, each with a part of the work: two writers on one database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.server.attempts.bench import Writer, writer
from tests.server.harness.clock import MovableClock


@pytest.fixture
async def one(tmp_path: Path, migrated_database: Path) -> AsyncIterator[Writer]:
    file = tmp_path / "log.sqlite3"
    file.write_bytes(migrated_database.read_bytes())
    async with writer(file, MovableClock()) as opened:
        yield opened


@pytest.fixture
async def other(one: Writer, tmp_path: Path) -> AsyncIterator[Writer]:
    """Another node on the same database."""
    async with writer(tmp_path / "log.sqlite3", one.clock) as opened:
        yield opened
