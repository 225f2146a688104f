"""Brings logs back from an archive into the database."""

from collections import Counter
from collections.abc import Collection
from functools import partial
from pathlib import Path

import msgspec
from sqlalchemy import Connection, insert, select, update

from protocol.attempt.chain import BrokenChain, ErasedLog, NewerLog, open_log
from protocol.attempt.model import Actor
from protocol.rules.audit import LogsArchived
from storage.archives.faults import Unsealed
from storage.archives.format import ArchivedAttempt
from storage.archives.forms import read_archive
from storage.archives.kept import ArchivedLogs, away
from storage.archives.names import name_of
from storage.audit import Audit
from storage.database import Database
from storage.schema import archived_logs, attempt_log, test_attempts

_PAGE = 500


class Restored(msgspec.Struct, frozen=True):
    """So many logs with so many records are in the database again; why others are not, by attempt."""

    attempts: int
    records: int
    left: dict[str, str]


async def restore_logs(
    database: Database, path: Path, by: Actor, now_ms: int, only: Collection[str] | None = None
) -> Restored:
    """Puts the logs of an archive, or those of these attempts, back in their place. One that is there already stays as
    it is. Raises `BadArchive`, `OSError` and `StorageUnavailable`; what was done by then is done."""
    known = ArchivedLogs(database)
    attempts: Counter[str] = Counter()
    records = 0
    left: dict[str, str] = {}
    for _ in read_archive(path):
        # Nothing of a file that is not whole.
        pass
    for one in read_archive(path):
        if only is not None and one.attempt_id not in only:
            continue
        here = await known.known(one.attempt_id)
        if here is None:
            left[one.attempt_id] = "this database has no such attempt"
        elif here.erased:
            left[one.attempt_id] = "its candidate was erased"
        elif here.away is None:
            left[one.attempt_id] = "its log is in the database"
        elif here.away.dropped_at_ms is not None:
            left[one.attempt_id] = "the archive was to be deleted, and the key is gone"
        elif here.key is None:
            left[one.attempt_id] = "its key is gone"
        elif (here.away.seq, here.away.head) != (one.seq, one.head):
            left[one.attempt_id] = "the log that went was another one"
        else:
            try:
                lines = one.lines(here.key)
                open_log(one.attempt_id, here.key, lines)
            except (BrokenChain, ErasedLog, NewerLog, Unsealed) as fault:
                left[one.attempt_id] = str(fault)
                continue
            rows = [
                line._asdict() | {"attempt_id": one.attempt_id, "written_at_ms": record.written_at_ms}
                for line, record in zip(lines, one.records, strict=True)
            ]
            if await database.write(partial(put_back, one=one, rows=rows, now_ms=now_ms)):
                attempts[here.org_id] += 1
                records += len(rows)
            else:
                left[one.attempt_id] = "it was brought back, erased or deleted at this moment"
    # Whose they are the database says: the file's first line is good for anything that somebody wrote into it.
    for org_id, count in sorted(attempts.items()):
        await Audit(database).add(org_id, by, LogsArchived(name_of(path), count, restored=True), now_ms)
    return Restored(attempts.total(), records, left)


def put_back(connection: Connection, *, one: ArchivedAttempt, rows: list[dict[str, object]], now_ms: int) -> bool:
    table, attempt_id = test_attempts.c, one.attempt_id
    erased = connection.execute(
        select(table.erased_at_ms).where(table.attempt_id == attempt_id).with_for_update()
    ).one()
    gone = away(connection, attempt_id)
    if erased.erased_at_ms is not None or gone is None or gone.dropped_at_ms is not None:
        return False
    for start in range(0, len(rows), _PAGE):
        connection.execute(insert(attempt_log), rows[start : start + _PAGE])
    connection.execute(
        update(archived_logs).where(archived_logs.c.attempt_id == attempt_id).values(restored_at_ms=now_ms)
    )
    connection.execute(update(test_attempts).where(table.attempt_id == attempt_id).values(archived_at_ms=None))
    return True
