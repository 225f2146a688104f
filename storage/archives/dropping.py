"""Deletes archives that are old enough. The keys of the logs in them go first: copies that lie elsewhere are unreadable
from then on, and a run that dies before it has deleted the file is finished by the next one."""

from functools import partial
from pathlib import Path
from secrets import token_bytes
from typing import Any

from sqlalchemy import Connection, Select, func, select, update

from protocol.attempt.chain import KEY_BYTES
from protocol.attempt.model import Actor
from protocol.rules.audit import ArchiveDropped
from storage.archives import folder
from storage.archives.folder import sync
from storage.audit import append, write
from storage.database import Database
from storage.schema import archived_logs, attempt_keys, attempt_log, test_attempts

_table = archived_logs.c


class Dropper:
    """For all organisations; `where` is the folder of the archives, which the caller has locked."""

    def __init__(self, database: Database, where: Path, by: Actor) -> None:
        self._database = database
        self._folder = where
        self._by = by

    async def finish(self) -> list[str]:
        """Deletes files of which all keys are gone already. Raises `OSError`."""
        query = (
            select(_table.archive)
            .where(_table.archive.in_(folder.finished_names(self._folder)))
            .group_by(_table.archive)
            .having(func.count() == func.count(_table.dropped_at_ms))
        )
        gone = await self._database.read(lambda connection: list(connection.execute(query).scalars()))
        for name in gone:
            (self._folder / name).unlink(missing_ok=True)
        if gone:
            sync(self._folder)
        return gone

    async def drop(self, org_id: str, before_ms: int, now_ms: int, limit: int) -> list[str]:
        """Deletes at most so many archives of an organisation that were made before that instant; one that is not
        finished stays. Raises `OSError` and `StorageUnavailable`."""
        unfinished = folder.unfinished_names(self._folder)
        old = _old(org_id, before_ms).where(_table.archive.not_in(unfinished)).order_by(_table.archive).limit(limit)
        names: list[str] = await self._database.read(lambda connection: list(connection.execute(old).scalars()))
        for name in names:
            await write(self._database, partial(_forget, org_id=org_id, archive=name, by=self._by, now_ms=now_ms))
            (self._folder / name).unlink(missing_ok=True)
        if names:
            sync(self._folder)
        return names


async def count_old(database: Database, org_id: str, before_ms: int) -> int:
    """How many archives of an organisation were made before that instant, and are there still."""
    old = select(func.count()).select_from(_old(org_id, before_ms).subquery())
    return await database.for_org(org_id).read(lambda connection: connection.execute(old).scalar_one())


def _old(org_id: str, before_ms: int) -> Select[Any]:
    return (
        select(_table.archive)
        .where(_table.org_id == org_id, _table.dropped_at_ms.is_(None))
        .group_by(_table.archive)
        .having(func.max(_table.archived_at_ms) < before_ms)
    )


def _forget(connection: Connection, *, org_id: str, archive: str, by: Actor, now_ms: int) -> None:
    attempts = forget_keys(connection, archive=archive, now_ms=now_ms)
    append(connection, org_id, by, ArchiveDropped(archive, attempts), now_ms)


def forget_keys(connection: Connection, *, archive: str, now_ms: int) -> int:
    """Replaces the keys of logs that are in this archive alone. What is left of them in the database loses its bodies,
    which were digested with these keys."""
    log = attempt_log.c
    inside = select(_table.attempt_id).where(_table.archive == archive)
    # Every writer locks the attempts' rows first, in this order.
    connection.execute(
        select(test_attempts.c.attempt_id)
        .where(test_attempts.c.attempt_id.in_(inside))
        .order_by(test_attempts.c.attempt_id)
        .with_for_update()
    ).close()
    # A statement of its own: it must see what was brought back or erased while the one before waited.
    gone = connection.execute(
        select(_table.attempt_id)
        .join(test_attempts, test_attempts.c.attempt_id == _table.attempt_id)
        .where(_table.archive == archive, _table.restored_at_ms.is_(None), test_attempts.c.erased_at_ms.is_(None))
    ).scalars()
    total = 0
    for attempt_id in list(gone):
        key = attempt_keys.c.attempt_id == attempt_id
        connection.execute(update(attempt_keys).where(key).values(key=token_bytes(KEY_BYTES)))
        connection.execute(update(attempt_log).where(log.attempt_id == attempt_id).values(body=None))
        total += 1
    connection.execute(update(archived_logs).where(_table.archive == archive).values(dropped_at_ms=now_ms))
    return total
