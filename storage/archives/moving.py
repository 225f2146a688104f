"""Moves logs into archives. First a file is whole, on the disk and read back; then each log in it gets one record more,
`archived`, and the records before it go, in one transaction. That record is a fence like every other one: whoever has
written to the log meanwhile meets its number, and the log stays.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace
from sqlalchemy.exc import IntegrityError

from protocol.attempt.chain import BrokenChain, ErasedLog, NewerLog, open_log
from protocol.attempt.evolve import fold
from protocol.attempt.model import Actor
from protocol.rules.audit import LogsArchived
from protocol.rules.retention import may_leave
from storage.archives import folder
from storage.archives.choosing import Choosing, Old
from storage.archives.faults import BadArchive, Unsealed
from storage.archives.format import ArchivedAttempt, Writer, archived
from storage.archives.forms import read_archive
from storage.archives.giving_up import give_up
from storage.archives.kept import ArchivedLogs
from storage.archives.names import Form, name_of
from storage.attempts import Attempts
from storage.audit import Audit
from storage.database import Database

MOST: Final = 200
"""Logs in one archive."""
_MOST_BYTES: Final = 32 * 1024 * 1024
"""What is held in memory of them, and one log more."""
_ALL: Final = 2**31 - 1
_RECORD_BYTES: Final = 200
"""What a record takes beside its body."""


class Moved(msgspec.Struct, frozen=True):
    """What a run has done: an archive with so many logs and records, of which the database has given up so many logs;
    the others have gone on meanwhile. `left`: what is wrong with logs that were not taken, by attempt; `unreadable`:
    what is wrong with archives that an earlier run has left and that can't be finished, by file."""

    archive: str | None
    attempts: int = 0
    records: int = 0
    left: dict[str, str] = {}
    unreadable: dict[str, str] = {}


class Written(NamedTuple):
    """An archive that is whole; None: nothing could go. `left` as in `Moved`; `last`: which was looked at last."""

    path: Path | None
    left: dict[str, str]
    last: Old


class Mover:
    """Moves old logs of an organisation into a folder, into archives of this form."""

    def __init__(self, database: Database, where: Path, by: Actor, form: Form) -> None:
        self._database = database
        self.folder = where
        self._by = by
        self._form = form

    async def move(
        self,
        org_id: str,
        chosen: Sequence[Old],
        before_ms: int,
        now_ms: int,
        pause: Callable[[], Awaitable[None]] | None = None,
    ) -> tuple[Moved | None, Old]:
        """Makes an archive of the logs of these attempts, as many as one archive takes, and has the database give them
        up; None: none of them could go, and nothing is wrong with any. Returns too which one it looked at last. Raises
        as `finish`."""
        path, left, last = await self.write(org_id, chosen, before_ms, now_ms, pause)
        if path is None:
            return (Moved(None, left=left) if left else None), last
        try:
            moved = await self.finish(path, org_id, now_ms, pause)
        except BadArchive:
            # The database has given up nothing yet, and a bad disk must not fill up with files.
            path.unlink(missing_ok=True)
            raise
        return replace(moved, left=left | moved.left), last

    async def finish_all(
        self, org_id: str | None, now_ms: int, pause: Callable[[], Awaitable[None]] | None = None
    ) -> list[Moved]:
        """Finishes what an earlier run has left, of an organisation or of all. What can't be finished stays as it is,
        and holds up nobody. Raises `StorageUnavailable`."""
        done: list[Moved] = []
        found, unreadable = folder.unfinished(self.folder, org_id)
        for of_org, path in found:
            try:
                done.append(await self.finish(path, of_org, now_ms, pause))
            except (BadArchive, OSError) as error:
                unreadable[path.name] = str(error)
        return [*done, Moved(None, unreadable=unreadable)] if unreadable else done

    async def finish(
        self, path: Path, org_id: str, now_ms: int, pause: Callable[[], Awaitable[None]] | None = None
    ) -> Moved:
        """Has the database give up what is in an archive that is whole: it is read back from the disk, and each log in
        it must be the one that the database has. `pause` is waited for between two logs. Raises `BadArchive`, `OSError`
        and `StorageUnavailable`: then the next run goes on with it."""
        name = name_of(path)
        attempts = records = 0
        left: dict[str, str] = {}
        # All of it before anything goes: an archive with a broken end is none.
        logs = await asyncio.to_thread(lambda: list(read_archive(path)))
        for one in logs:
            if pause is not None:
                await pause()
            why = await self._differs(one, org_id)
            if why is not None:
                left[one.attempt_id] = why
                continue
            if await self.give_up(one, name, now_ms):
                attempts += 1
                records += len(one.records)
        # Those too that a run which died has moved: nobody else will say so.
        went = await ArchivedLogs(self._database).count(name)
        if went:
            await Audit(self._database).add(org_id, self._by, LogsArchived(name, went), now_ms)
        folder.finish(path)
        return Moved(name, attempts, records, left)

    async def write(
        self,
        org_id: str,
        chosen: Sequence[Old],
        before_ms: int,
        now_ms: int,
        pause: Callable[[], Awaitable[None]] | None = None,
    ) -> Written:
        """Writes the logs of these attempts into a new archive; those that were written to since `before_ms`, that
        wait for staff, or that are not whole stay out. `pause` is waited for before each."""
        left: dict[str, str] = {}
        taken: list[ArchivedAttempt] = []
        size, last = 0, chosen[0]
        for old in chosen:
            if size > _MOST_BYTES:
                break
            if pause is not None:
                await pause()
            last = old
            one = await self._take(old, before_ms)
            if isinstance(one, ArchivedAttempt):
                taken.append(one)
                size += len(one.sealed) + _RECORD_BYTES * len(one.records)
            elif one:
                left[old.attempt_id] = one

        def fill(writer: Writer) -> None:
            for one in taken:
                writer.add(one)

        path = await asyncio.to_thread(folder.write, self.folder, self._form, org_id, now_ms, fill)
        return Written(path, left, last)

    async def _take(self, old: Old, before_ms: int) -> ArchivedAttempt | str:
        """Its log for an archive, or why it stays; empty: nothing is wrong, it has only not been left alone for long
        enough."""
        store = Attempts(self._database)
        rows = await store.kept(old.attempt_id, 0, _ALL)
        key = await store.key(old.attempt_id)
        if key is None or not rows:
            return "its log or its key is gone"
        try:
            attempt = fold(open_log(old.attempt_id, key, [row.line for row in rows]))
        except (BrokenChain, NewerLog) as fault:
            return str(fault)
        except ErasedLog:
            return ""
        assert attempt is not None, "a log that was opened has records"
        if not may_leave(attempt, rows[-1].written_at_ms, before_ms):
            return ""
        return archived(old.attempt_id, old.test_id, key, rows)

    async def _differs(self, one: ArchivedAttempt, org_id: str) -> str | None:
        """Why a log of an archive is not good for the one that the database has; None: it is."""
        here = await ArchivedLogs(self._database).known(one.attempt_id)
        if here is None or here.key is None:
            return "the database has no key for it"
        if here.org_id != org_id:
            return "the attempt is another organisation's"
        try:
            open_log(one.attempt_id, here.key, one.lines(here.key))
        except (BrokenChain, NewerLog, ErasedLog, Unsealed) as fault:
            return str(fault)
        return None

    async def give_up(self, one: ArchivedAttempt, archive: str, now_ms: int) -> bool:
        """Whether the log has gone from the database; False: it has gone on since, or went before."""
        work = partial(give_up, one=one, archive=archive, by=self._by, now_ms=now_ms)
        try:
            return await self._database.write(work)
        except IntegrityError:
            # Somebody has appended at this moment.
            return False


async def prune_logs(
    mover: Mover,
    choosing: Choosing,
    make_courses: Callable[[Sequence[str]], Awaitable[None]],
    *,
    org_id: str,
    before_ms: int,
    now_ms: int,
) -> list[Moved]:
    """Moves all logs of an organisation that are old enough, archive after archive; what an earlier run has left comes
    first. `make_courses` folds for reports what these would need the logs for. Raises `BadArchive`, `InUse`, `OSError`
    and `StorageUnavailable`; what was done by then is done."""
    with folder.locked(mover.folder):
        done = await mover.finish_all(org_id, now_ms)
        after: Old | None = None
        while chosen := await choosing.old(org_id, before_ms, MOST, after):
            lacking = [one.attempt_id for one in chosen if one.lacks_course]
            if lacking:
                await make_courses(lacking)
            moved, after = await mover.move(org_id, chosen, before_ms, now_ms)
            if moved is not None:
                done.append(moved)
    return done
