"""A copy taken while the original is written to is whole, and nobody's file is overwritten."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from protocol.attempt.commands import Begin
from storage.attempts import Attempts
from storage.backup import back_up, restore
from storage.database import Database
from storage.errors import AlreadyServed, SchemaOutdated, StorageUnavailable, UnsupportedDatabase
from storage.log.journal import Journal
from storage.log.verify import verify_log
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


async def test_a_copy_is_put_back_and_what_was_there_is_kept(migrated_sqlite_url: str, tmp_path: Path) -> None:
    database = await open_database(migrated_sqlite_url)
    journal = Journal(database, lambda: NOW)
    await journal.start()
    first, second = Owner(), Owner()
    journal.submit(first.made())
    await first.heard(1)
    copy = tmp_path / "copy.sqlite3"
    await back_up(migrated_sqlite_url, copy)
    journal.submit(second.made())
    await second.heard(1)
    await journal.close()
    await database.close()
    with pytest.raises(StorageUnavailable, match="--replace"):
        await restore(migrated_sqlite_url, copy, replace=False)
    aside = await restore(migrated_sqlite_url, copy, replace=True)
    assert aside is not None
    for url, there in ((migrated_sqlite_url, [True, False]), (f"sqlite:///{aside}", [True, True])):
        opened = await Database.open(url)
        try:
            found = [bool(await Attempts(opened).records(owner.id)) for owner in (first, second)]
            assert found == there
        finally:
            await opened.close()


async def test_nothing_is_restored_under_a_server_or_from_what_is_no_copy(
    migrated_sqlite_url: str, tmp_path: Path
) -> None:
    copy, wrong = tmp_path / "copy.sqlite3", tmp_path / "wrong.sqlite3"
    await back_up(migrated_sqlite_url, copy)
    wrong.write_bytes(b"no database at all" * 1_000)
    with pytest.raises(StorageUnavailable, match="no database of Pencils Down"):
        await restore(migrated_sqlite_url, wrong, replace=True)
    with closing(sqlite3.connect(wrong.with_name("newer"))) as newer:
        newer.execute("CREATE TABLE schema_version (version_num TEXT)")
        newer.execute("INSERT INTO schema_version VALUES ('9999')")
        newer.commit()
    with pytest.raises(SchemaOutdated):
        await restore(migrated_sqlite_url, wrong.with_name("newer"), replace=True)
    database = await open_database(migrated_sqlite_url)
    database.serve_alone()
    with pytest.raises(AlreadyServed):
        await restore(migrated_sqlite_url, copy, replace=True)
    await database.close()
    assert await restore(f"sqlite:///{tmp_path / 'new' / 'one.sqlite3'}", copy, replace=False) is None
