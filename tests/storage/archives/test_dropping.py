"""An archive that is old enough is deleted, and its copies can't be read any more."""

import asyncio
import shutil
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import update

from protocol.attempt.chain import BrokenChain, ErasedLog
from protocol.attempt.model import Actor, Role
from protocol.rules.retention import DAY_MS, Retention
from storage.answers import Answers
from storage.archives import dropping, folder
from storage.archives.checking import check_archive
from storage.archives.choosing import Choosing
from storage.archives.dropping import Dropper, forget_keys
from storage.archives.faults import Unsealed
from storage.archives.forms import read_archive
from storage.archives.kept import ArchivedLogs, Known
from storage.archives.moving import Mover
from storage.archives.names import SUFFIX, Form, name_of
from storage.archives.restoring import put_back, restore_logs
from storage.attempts import Attempts
from storage.audit import BY_OPERATOR, Audit, verify_audit
from storage.database import Database
from storage.erasing import Erasing
from storage.errors import StorageUnavailable
from storage.log.journal import Journal
from storage.log.verify import InArchive
from storage.postgresql import PostgresEngine
from storage.results import Results
from storage.retention import RetentionRules
from storage.schema import attempt_log
from tests.services.patience import PATIENCE_S
from tests.storage.archives.making import LATER, over, pruned, verdicts
from tests.storage.making import NOW, ORG

SERVICE = Actor(Role.SERVICE, "platform")


async def test_archive_and_keys_go_and_everything_still_verifies(
    database: Database, journal: Journal, tmp_path: Path, form: Form
) -> None:
    her, back = await over(database, journal, user_id="her"), await over(database, journal)
    other = await over(database, journal)
    (moved,) = await pruned(database, tmp_path, form=form)
    path = tmp_path / str(moved.archive)
    copy = tmp_path / f"elsewhere{SUFFIX[form]}"
    shutil.copy(path, copy)
    await restore_logs(database, path, BY_OPERATOR, LATER, [back.id])
    dropper = Dropper(database, tmp_path, BY_OPERATOR)
    with folder.locked(tmp_path):
        assert await dropper.drop(ORG, LATER, LATER + DAY_MS, 9) == []
        assert await dropper.drop(ORG, LATER + 1, LATER + DAY_MS, 9) == [moved.archive]
        assert await dropper.drop(ORG, LATER + 1, LATER + DAY_MS, 9) == []
        assert not path.exists()
        # A run that died after the keys had gone: the next one deletes the file.
        shutil.copy(copy, path)
        assert await dropper.finish() == [moved.archive]
    assert not path.exists()

    found = await verdicts(database)
    assert [type(found[one.id][2]) for one in (her, other)] == [InArchive, InArchive]
    assert found[back.id][2] is None
    looks = {one.attempt_id: one async for one in check_archive(database, copy)}
    assert all(one.broken is None for one in looks.values())
    assert "nobody can read" in looks[her.id].note
    for one in read_archive(copy):
        if one.attempt_id != back.id:
            with pytest.raises(Unsealed):
                one.lines(await Attempts(database).key(one.attempt_id))
    restored = await restore_logs(database, copy, BY_OPERATOR, LATER)
    assert restored.attempts == 0
    assert "the key is gone" in restored.left[her.id]
    assert await Results(database).get(her.id) is not None
    assert await Answers(database).of(other.id)

    await Erasing(database).erase(ORG, "her", "hidden", SERVICE, LATER + 2 * DAY_MS)
    assert isinstance((await verdicts(database))[her.id][2], ErasedLog)
    spoil = update(attempt_log).where(attempt_log.c.attempt_id == other.id).values(at_ms=7)
    await database.write(lambda connection: connection.execute(spoil).close())
    assert isinstance((await verdicts(database))[other.id][2], BrokenChain)
    assert len(await Audit(database).page(ORG, kind="archive_dropped", limit=9)) == 1
    assert [wrong async for _, _, wrong in verify_audit(database)] == [None]


async def test_a_rule_is_kept_for_each_organisation_and_without_one_everything_stays(database: Database) -> None:
    rules = RetentionRules(database)
    assert await rules.of(ORG) == Retention()
    await rules.put(ORG, Retention(30, 365), BY_OPERATOR, LATER)
    await rules.put("other", Retention(None, None), BY_OPERATOR, LATER)
    await rules.put(ORG, Retention(60), BY_OPERATOR, LATER)
    assert await rules.in_force() == {ORG: Retention(60, delivery_days=3), "other": Retention(delivery_days=3)}
    assert len(await Audit(database).page(ORG, kind="retention_changed", limit=9)) == 2


async def test_an_archive_that_is_not_finished_stays_and_what_else_is_in_it_outlasts_the_keys(
    database: Database, journal: Journal, tmp_path: Path, form: Form
) -> None:
    """A run died between two logs, and the next one came after the first of them was to be deleted."""
    first, second = await over(database, journal), await over(database, journal)
    mover, dropper = Mover(database, tmp_path, BY_OPERATOR, form), Dropper(database, tmp_path, BY_OPERATOR)
    with folder.locked(tmp_path):
        path, _, _ = await mover.write(ORG, await Choosing(database).old(ORG, LATER, 10), LATER, LATER)
        assert path is not None
        name = name_of(path)
        gone = next(one for one in read_archive(path) if one.attempt_id == first.id)
        assert await mover.give_up(gone, name, LATER)
        assert await dropper.drop(ORG, LATER + DAY_MS, LATER + DAY_MS, 9) == []
        # As a version that did delete it would have left the database.
        await database.write(partial(forget_keys, archive=name, now_ms=LATER + DAY_MS))
        await mover.finish(path, ORG, LATER + 2 * DAY_MS)
        assert await dropper.finish() == []
    assert (await restore_logs(database, tmp_path / name, BY_OPERATOR, LATER)).attempts == 1
    assert (await verdicts(database))[second.id][2] is None


async def test_nothing_comes_back_whose_key_is_replaced_meanwhile(
    database: Database, journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = await over(database, journal)
    (moved,) = await pruned(database, tmp_path)
    path, known = tmp_path / str(moved.archive), ArchivedLogs.known

    async def known_before(self: ArchivedLogs, attempt_id: str) -> Known | None:
        found = await known(self, attempt_id)
        await database.write(partial(forget_keys, archive=str(moved.archive), now_ms=LATER))
        return found

    monkeypatch.setattr(ArchivedLogs, "known", known_before)
    restored = await restore_logs(database, path, BY_OPERATOR, LATER)
    assert (restored.attempts, list(restored.left)) == (0, [one.id])
    assert isinstance((await verdicts(database))[one.id][2], InArchive)


async def test_a_log_that_is_brought_back_meanwhile_keeps_its_key(
    database: Database, journal: Journal, tmp_path: Path
) -> None:
    """Whoever deletes waits for whoever brings back, and sees what she has done."""
    one = await over(database, journal)
    (moved,) = await pruned(database, tmp_path)
    name, key = str(moved.archive), await Attempts(database).key(one.id)
    assert key is not None
    if not isinstance(database.engine, PostgresEngine):
        pytest.skip("SQLite has one writer at a time")
    (log,) = read_archive(tmp_path / name)
    rows = [line._asdict() | {"attempt_id": one.id, "written_at_ms": NOW} for line in log.lines(key)]
    waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with database.engine.journal_engine.begin() as restoring:
        assert await restoring.run_sync(partial(put_back, one=log, rows=rows, now_ms=LATER))
        dropping = asyncio.create_task(database.write(partial(forget_keys, archive=name, now_ms=LATER)))
        async with asyncio.timeout(PATIENCE_S):
            while not await database.read(lambda it: it.exec_driver_sql(waits).scalar_one()):
                assert not dropping.done()
    assert await dropping == 0
    assert (await verdicts(database))[one.id][2] is None


async def test_a_deletion_is_in_the_audit_log_or_has_not_happened(
    database: Database, journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = await over(database, journal)
    (moved,) = await pruned(database, tmp_path)
    dropper = Dropper(database, tmp_path, BY_OPERATOR)

    def fails(*_: object) -> None:
        raise StorageUnavailable("away")

    monkeypatch.setattr(dropping, "append", fails)
    with pytest.raises(StorageUnavailable):
        await dropper.drop(ORG, LATER + 1, LATER, 9)
    assert await dropper.finish() == []
    assert (await restore_logs(database, tmp_path / str(moved.archive), BY_OPERATOR, LATER)).attempts == 1
    assert (await verdicts(database))[one.id][2] is None
