"""A copy taken while the original is written to is whole, and nobody's file is overwritten."""

from pathlib import Path

import pytest

from protocol.attempt.commands import Begin
from storage.attempts import Attempts
from storage.backup import back_up
from storage.database import Database
from storage.errors import StorageUnavailable, UnsupportedDatabase
from storage.journal import Journal
from storage.verify import verify_log
from tests.storage.making import CANDIDATE, NOW, Owner, open_database


async def test_a_copy_taken_under_load_has_all_that_was_acknowledged(migrated_sqlite_url: str, tmp_path: Path) -> None:
    database = await open_database(migrated_sqlite_url)
    journal = Journal(database, lambda: NOW)
    await journal.start()
    owner = Owner()
    journal.submit(owner.made())
    journal.submit(owner.asked(Begin(CANDIDATE, NOW)))
    await owner.heard(2)
    acknowledged = owner.attempt.seq
    for number in range(200):
        journal.submit(owner.answered(f"q{1 + number % 9}", "abc"[number % 3]))
    await back_up(migrated_sqlite_url, tmp_path / "copy.sqlite3")
    await owner.heard(202)
    await journal.close()
    await database.close()
    copy = await Database.open(f"sqlite:///{tmp_path / 'copy.sqlite3'}")
    try:
        assert [broken async for _, _, broken in verify_log(copy)] == [None]
        assert len(await Attempts(copy).records(owner.id)) >= acknowledged
    finally:
        await copy.close()


async def test_a_file_that_is_there_is_left_alone(migrated_sqlite_url: str, tmp_path: Path) -> None:
    await (await open_database(migrated_sqlite_url)).close()
    target = tmp_path / "precious"
    target.write_text("as it was")
    with pytest.raises(FileExistsError):
        await back_up(migrated_sqlite_url, target)
    assert target.read_text() == "as it was"


async def test_without_an_original_there_is_no_copy(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable):
        await back_up(f"sqlite:///{tmp_path / 'nothing.sqlite3'}", tmp_path / "copy.sqlite3")
    assert list(tmp_path.iterdir()) == []


async def test_postgresql_has_a_tool_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedDatabase, match="pg_dump"):
        await back_up("postgresql://localhost/exam", tmp_path / "copy")
