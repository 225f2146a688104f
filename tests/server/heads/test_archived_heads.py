"""Signed heads still show what was changed after logs went into archives."""

from pathlib import Path

from server.heads.check import compare
from storage.archives.checking import check_archive
from storage.attempts import Attempts
from storage.log.journal import Journal
from tests.storage.archives.making import over, pruned
from tests.storage.making import NOW, open_database


async def test_heads_of_archived_logs_are_compared_with_the_archive(migrated_sqlite_url: str, tmp_path: Path) -> None:
    database = await open_database(migrated_sqlite_url)
    journal = Journal(database, lambda: NOW)
    await journal.start()
    try:
        one = await over(database, journal)
        lines = [row.line for row in await Attempts(database).kept(one.id, 0, 100)]
        heads = [(one.id, line.seq, line.hash) for line in lines]
        assert await compare(database, heads) == ([], 0)
        (moved,) = await pruned(database, tmp_path)
        # The database still has the last one; where the others are it knows.
        assert await compare(database, heads) == ([], len(lines) - 1)
        other = [(one.id, lines[-1].seq, lines[0].hash)]
        assert [found.seq for found in (await compare(database, other)).broken] == [lines[-1].seq]
        path = tmp_path / str(moved.archive)
        hashes = {look.attempt_id: look.hashes async for look in check_archive(database, path)}
        assert await compare(database, heads, hashes) == ([], 0)
        swapped = [(one.id, 2, lines[2].hash)]
        assert [found.seq for found in (await compare(database, swapped, hashes)).broken] == [2]
    finally:
        await journal.close()
        await database.close()
