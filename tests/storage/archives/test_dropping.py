"""An archive that is old enough is deleted, and its copies can't be read any more."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import update

from protocol.attempt.chain import BrokenChain, ErasedLog
from protocol.attempt.model import Actor, Role
from storage.answers import Answers
from storage.archives import folder
from storage.archives.checking import check_archive
from storage.archives.dropping import Dropper
from storage.archives.faults import Unsealed
from storage.archives.format import read_archive
from storage.archives.restoring import restore_logs
from storage.attempts import Attempts
from storage.audit import BY_OPERATOR, Audit, verify_audit
from storage.database import Database
from storage.erasing import Erasing
from storage.log.journal import Journal
from storage.log.verify import InArchive
from storage.results import Results
from storage.retention import Retention, RetentionRules
from storage.schema import attempt_log
from tests.storage.archives.making import DAY_MS, LATER, over, pruned, verdicts
from tests.storage.making import ORG

SERVICE = Actor(Role.SERVICE, "platform")


async def test_archive_and_keys_go_and_everything_still_verifies(
    database: Database, journal: Journal, tmp_path: Path
) -> None:
    her, back = await over(database, journal, user_id="her"), await over(database, journal)
    other = await over(database, journal)
    (moved,) = await pruned(database, tmp_path)
    path = tmp_path / str(moved.archive)
    copy = tmp_path / "elsewhere.gz"
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
    assert await rules.all() == {ORG: Retention(60), "other": Retention()}
    assert len(await Audit(database).page(ORG, kind="retention_changed", limit=9)) == 2
