"""Old logs go into archives and come back, whatever happens meanwhile; nothing of them is lost, and nobody who is
erased stays readable in a file."""

import asyncio
import errno
import gzip
import os
import signal
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from secrets import token_bytes

import pytest
from msgspec.structs import replace
from sqlalchemy import select, update

from protocol.attempt.chain import BrokenChain, ErasedLog
from protocol.attempt.commands import Begin, HandIn
from protocol.attempt.facts import LateReceived, Receipted
from protocol.attempt.late import LateAnswer
from protocol.attempt.model import Actor, Role
from protocol.rules.audit import LogsArchived, read_body
from protocol.rules.retention import DAY_MS
from storage.answers import Answers
from storage.archives import folder, moving
from storage.archives.checking import Checked, check_archive
from storage.archives.choosing import Choosing
from storage.archives.faults import ArchivedLog, BadArchive, Unsealed
from storage.archives.format import Header, line_of
from storage.archives.forms import new_writer, read_archive
from storage.archives.moving import Moved, Mover
from storage.archives.names import Form, form_of
from storage.archives.restoring import restore_logs
from storage.attempts import Attempts
from storage.audit import BY_OPERATOR, Audit, verify_audit
from storage.database import Database
from storage.erasing import Erasing
from storage.export import export_person
from storage.log.journal import Journal
from storage.log.verify import InArchive
from storage.results import Results
from storage.schema import attempt_log, test_attempts
from tests.storage.archives.making import LATER, SECRET, over, pruned, taken_over, verdicts
from tests.storage.making import CANDIDATE, NOW, ORG, Owner, begun, made, open_database

SERVICE = Actor(Role.SERVICE, "platform")


def only(where: Path) -> Path:
    (name,) = folder.finished_names(where)
    return where / name


async def checked(database: Database, path: Path) -> list[Checked]:
    return [one async for one in check_archive(database, path)]


async def kinds(database: Database, attempt_id: str) -> list[str]:
    query = select(attempt_log.c.kind).where(attempt_log.c.attempt_id == attempt_id).order_by(attempt_log.c.seq)
    return list(await database.read(lambda connection: connection.execute(query).scalars().all()))


async def test_old_logs_go_into_an_archive_and_come_back_byte_for_byte(
    database: Database, journal: Journal, tmp_path: Path, form: Form
) -> None:
    store = Attempts(database)
    first, second = await over(database, journal), await over(database, journal)
    before = {one.id: await store.kept(one.id, 0, 1_000) for one in (first, second)}
    (moved,) = await pruned(database, tmp_path, form=form)
    path = only(tmp_path)
    records = sum(len(rows) for rows in before.values())
    assert moved == Moved(path.name, attempts=2, records=records)
    for one in (first, second):
        assert await kinds(database, one.id) == ["archived"]
        with pytest.raises(ArchivedLog):
            await store.load(one.id)
    found = await verdicts(database)
    assert {type(verdict[2]) for verdict in found.values()} == {InArchive}
    assert all(one.broken is None and one.note == "" for one in await checked(database, path))
    # What others read stays.
    kept = await Results(database).get(first.id)
    assert kept is not None
    assert kept.score_mpt == 500
    assert [one.value for one in await Answers(database).of(first.id)] == [SECRET]

    restored = await restore_logs(database, path, BY_OPERATOR, LATER, [first.id])
    assert (restored.attempts, restored.left) == (1, {})
    back = await store.kept(first.id, 0, 1_000)
    assert back[:-1] == before[first.id]
    attempt = await store.load(first.id)
    assert attempt is not None
    assert replace(attempt, seq=0, head=b"") == replace(first.attempt, seq=0, head=b"")
    assert (await verdicts(database))[first.id][2] is None
    again = await restore_logs(database, path, BY_OPERATOR, LATER)
    assert (again.attempts, again.left) == (1, {first.id: "its log is in the database"})
    assert len(await Audit(database).page(ORG, kind="logs_archived", limit=9)) == 3
    assert [wrong async for _, _, wrong in verify_audit(database)] == [None]


async def test_what_is_running_unmarked_waits_for_staff_or_is_recent_stays(
    database: Database, journal: Journal, tmp_path: Path
) -> None:
    late = LateReceived("late-1", "device", (LateAnswer("q1", "a", NOW, 0),))
    waiting = await over(database, journal, late)
    (sitting,) = await begun(journal)
    (waits_to_start,) = await made(journal)
    handed_in = Owner()
    for step in (handed_in.made(), handed_in.asked(Begin(CANDIDATE, 0)), handed_in.asked(HandIn(CANDIDATE, 0))):
        assert journal.submit(step)
    await handed_in.heard(3)
    await taken_over(database)
    marked_by_hand = await over(database, journal)
    due = update(test_attempts).where(test_attempts.c.attempt_id == marked_by_hand.id)
    await database.write(lambda connection: connection.execute(due.values(marking_seq=5)).close())
    old = await over(database, journal)
    assert await pruned(database, tmp_path, NOW + 29 * DAY_MS) == []
    (moved,) = await pruned(database, tmp_path)
    assert moved.attempts == 1
    for one in (waiting, sitting, waits_to_start, handed_in, marked_by_hand):
        assert (await kinds(database, one.id))[0] == "created"
    assert await kinds(database, old.id) == ["archived"]


async def test_a_log_that_is_written_to_meanwhile_stays(
    database: Database, journal: Journal, tmp_path: Path, form: Form
) -> None:
    """The record `archived` is a fence: it has the number that somebody else has taken."""
    one, other = await over(database, journal), await over(database, journal)
    mover = Mover(database, tmp_path, BY_OPERATOR, form)
    chosen = await Choosing(database).old(ORG, LATER, 10)
    with folder.locked(tmp_path):
        path, left, _ = await mover.write(ORG, chosen, LATER, LATER)
        assert path is not None
        assert left == {}
        assert journal.submit(one.stated(Receipted(1, "m", seen=True, client_at_ms=0)))
        await one.heard(6)
        moved = await mover.finish(path, ORG, LATER)
    assert moved.attempts == 1
    assert (await kinds(database, one.id))[-1] == "receipted"
    assert await kinds(database, other.id) == ["archived"]
    found = await verdicts(database)
    assert found[one.id][2] is None
    assert all(one.broken is None for one in await checked(database, only(tmp_path)))


async def test_a_copy_in_memory_learns_that_its_log_has_gone(
    database: Database, journal: Journal, tmp_path: Path
) -> None:
    one = await over(database, journal)
    await pruned(database, tmp_path)
    assert journal.submit(one.stated(Receipted(1, "m", seen=True, client_at_ms=0)))
    assert [str(outcome) for outcome in (await one.heard(6))[5:]] == ["Rejected(reason='fenced')"]
    with pytest.raises(ArchivedLog):
        await Attempts(database).records(one.id, one.attempt.seq - 1)


async def test_nobody_can_read_in_an_archive_what_an_erased_person_wrote(
    database: Database, journal: Journal, tmp_path: Path, form: Form
) -> None:
    her, other = await over(database, journal, user_id="her"), await over(database, journal)
    await pruned(database, tmp_path, form=form)
    path = only(tmp_path)
    exported = await export_person(database, ORG, "her", LATER)
    assert [(one.archive, one.log, len(one.answers)) for one in exported.attempts] == [(path.name, [], 1)]
    await Erasing(database).erase(ORG, "her", "hidden", SERVICE, LATER)
    found = await verdicts(database)
    assert isinstance(found[her.id][2], ErasedLog)
    looks = {one.attempt_id: one for one in await checked(database, path)}
    assert (looks[her.id].broken, looks[other.id].note) == (None, "")
    assert "erased" in looks[her.id].note
    for one in read_archive(path):
        if one.attempt_id == her.id:
            with pytest.raises(Unsealed):
                one.lines(await Attempts(database).key(her.id))
    # With the key that the attempt has now nothing opens; headers name nobody, and are still those that were written.
    text = "".join(line_of(one).decode() for one in read_archive(path))
    assert SECRET not in text
    assert "her" not in [word.strip('"') for word in text.split(",")]
    restored = await restore_logs(database, path, BY_OPERATOR, LATER)
    assert restored.left == {her.id: "its candidate was erased"}
    assert await kinds(database, her.id) == ["archived", "erased"]


async def test_what_is_too_much_for_one_archive_goes_into_the_next(
    database: Database, journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        await over(database, journal)
    monkeypatch.setattr(moving, "_MOST_BYTES", 0)
    assert [moved.attempts for moved in await pruned(database, tmp_path)] == [1, 1, 1]


async def test_a_disk_that_is_full_leaves_the_log_where_it_is(
    database: Database, journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = await over(database, journal)

    def full(_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    where = tmp_path / "archives"
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            await pruned(database, where)
    assert (await kinds(database, one.id))[0] == "created"
    assert [path.name for path in where.iterdir()] == [".lock"]
    assert [moved.attempts for moved in await pruned(database, where)] == [1]


async def test_a_broken_log_is_named_and_stays(database: Database, journal: Journal, tmp_path: Path) -> None:
    one, other = await over(database, journal), await over(database, journal)
    spoil = update(attempt_log).where(attempt_log.c.attempt_id == one.id, attempt_log.c.seq == 3)
    await database.write(lambda connection: connection.execute(spoil.values(body=b"other")))
    (moved,) = await pruned(database, tmp_path)
    assert moved.attempts == 1
    assert "record 3" in moved.left[one.id]
    assert len(await kinds(database, one.id)) == 5
    assert await kinds(database, other.id) == ["archived"]


def _rewrite(path: Path, change: Callable[[Header], Header], org_id: str = ORG) -> None:
    """Somebody changes the first record of each log, or whose they are, and makes the sum right again."""
    logs = [replace(one, records=[change(one.records[0]), *one.records[1:]]) for one in read_archive(path)]
    with path.open("wb") as file, closing(new_writer(form_of(path), file, org_id, LATER)) as writer:
        for one in logs:
            writer.add(one)
        writer.end()


async def test_numbers_that_no_database_takes_make_an_archive_unreadable(
    database: Database, journal: Journal, tmp_path: Path, form: Form
) -> None:
    await over(database, journal)
    await pruned(database, tmp_path, form=form)
    path = only(tmp_path)
    data = path.read_bytes()
    for name in ("seq", "at_ms", "written_at_ms"):
        path.write_bytes(data)
        _rewrite(path, partial(replace, **{name: {"lines": 2**63, "parquet": -1}[form]}))
        with pytest.raises(BadArchive):
            await checked(database, path)
        with pytest.raises(BadArchive):
            await restore_logs(database, path, BY_OPERATOR, LATER)


async def test_whose_the_logs_are_is_not_for_the_file_to_say(
    database: Database, journal: Journal, tmp_path: Path, form: Form
) -> None:
    one = await over(database, journal)

    mover = Mover(database, tmp_path, BY_OPERATOR, form)
    with folder.locked(tmp_path):
        path, _, _ = await mover.write(ORG, await Choosing(database).old(ORG, LATER, 10), LATER, LATER)
        assert path is not None
        _rewrite(path, lambda record: record, "other")
        moved = await mover.finish(path, "other", LATER)
    assert moved.left == {one.id: "the attempt is another organisation's"}
    await pruned(database, tmp_path, form=form)
    (path,) = (tmp_path / name for name in folder.finished_names(tmp_path) if name != moved.archive)
    _rewrite(path, lambda record: record, "other")
    assert (await restore_logs(database, path, BY_OPERATOR, LATER)).attempts == 1
    assert await Audit(database).page("other", limit=9) == []
    assert len(await Audit(database).page(ORG, kind="logs_archived", limit=9)) == 2


@pytest.mark.parametrize("harm", ["a byte", "the end", "a line", "no archive"])
async def test_an_archive_that_was_changed_is_found_and_brings_nothing_back(
    migrated_sqlite_url: str, tmp_path: Path, harm: str
) -> None:
    database = await open_database(migrated_sqlite_url)
    journal = Journal(database, lambda: NOW)
    await journal.start()
    try:
        for _ in range(2):
            await over(database, journal)
        await pruned(database, tmp_path / "archives")
        path = only(tmp_path / "archives")
        data = path.read_bytes()
        text = gzip.decompress(data)
        lines = text.splitlines(keepends=True)
        path.write_bytes(
            {
                "a byte": gzip.compress(text.replace(b"answered", b"answexed", 1)),
                "the end": data[:-40],
                "a line": gzip.compress(b"".join([lines[0], *lines[2:]])),
                "no archive": b"hello",
            }[harm]
        )
        with pytest.raises(BadArchive):
            await checked(database, path)
        with pytest.raises(BadArchive):
            await restore_logs(database, path, BY_OPERATOR, LATER)
        assert {type(verdict[2]) for verdict in (await verdicts(database)).values()} == {InArchive}
    finally:
        await journal.close()
        await database.close()


async def test_a_log_in_the_database_that_does_not_follow_its_archive_is_broken(
    database: Database, journal: Journal, tmp_path: Path
) -> None:
    one = await over(database, journal)
    await pruned(database, tmp_path)
    spoil = update(attempt_log).where(attempt_log.c.attempt_id == one.id).values(hash=token_bytes(32))
    await database.write(lambda connection: connection.execute(spoil))
    assert isinstance((await verdicts(database))[one.id][2], BrokenChain)


async def test_a_second_run_is_told_to_wait(tmp_path: Path) -> None:
    with folder.locked(tmp_path), pytest.raises(folder.InUse, match="another run"), folder.locked(tmp_path):
        pass


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _dies_while_it_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: die())


def _dies_when_it_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Mover, "finish", lambda *_: die())


def _dies_between_two_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    give_up, calls = Mover.give_up, iter(range(10))

    async def dies(self: Mover, *args: object) -> bool:
        if next(calls) == 1:
            die()
        return await give_up(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(Mover, "give_up", dies)


def _dies_before_it_has_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "finish", lambda _: die())


@pytest.mark.parametrize(
    "dies", [_dies_while_it_writes, _dies_when_it_is_whole, _dies_between_two_logs, _dies_before_it_has_its_name]
)
def test_a_run_that_is_killed_loses_nothing_and_the_next_one_finishes_it(
    migrated_sqlite_url: str,
    tmp_path: Path,
    form: Form,
    dies: Callable[[pytest.MonkeyPatch], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    where = tmp_path / "archives"

    async def prepare() -> list[str]:
        database = await open_database(migrated_sqlite_url)
        journal = Journal(database, lambda: NOW)
        await journal.start()
        ids = [(await over(database, journal)).id for _ in range(3)]
        await journal.close()
        await database.close()
        return ids

    async def prune() -> Sequence[Moved]:
        database = await Database.open(migrated_sqlite_url)
        try:
            return await pruned(database, where, form=form)
        finally:
            await database.close()

    async def look(ids: Sequence[str]) -> None:
        database = await Database.open(migrated_sqlite_url)
        try:
            found = await verdicts(database)
            assert all(verdict[2] is None or isinstance(verdict[2], InArchive) for verdict in found.values())
            assert set(found) == set(ids)
            files = [path for path in where.glob("logs-*") if path.suffix != ".part"]
            whole = {one for path in files for one in await _good(database, path)}
            assert {one for one, verdict in found.items() if verdict[2] is not None} <= whole
        finally:
            await database.close()

    ids = asyncio.run(prepare())
    child = os.fork()
    if child == 0:
        # Nothing of pytest's may run in here.
        try:
            dies(monkeypatch)
            asyncio.run(prune())
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
    asyncio.run(look(ids))
    asyncio.run(prune())
    asyncio.run(look(ids))
    assert sorted(path.name for path in where.iterdir()) == [".lock", *folder.finished_names(where)]

    async def all_gone() -> None:
        database = await Database.open(migrated_sqlite_url)
        try:
            gone = select(test_attempts.c.attempt_id).where(test_attempts.c.archived_at_ms.is_not(None))
            assert sorted(await database.read(lambda it: it.execute(gone).scalars().all())) == sorted(ids)
            said = [read_body(kept.line.body or b"") for kept in await Audit(database).page(ORG, limit=9)]
            entries = [body.entry for body in said if body is not None]
            assert len(ids) in [entry.attempts for entry in entries if isinstance(entry, LogsArchived)]
        finally:
            await database.close()

    asyncio.run(all_gone())


async def _good(database: Database, path: Path) -> list[str]:
    return [one.attempt_id for one in await checked(database, path) if one.broken is None]
