"""Checks every chain from its first record, and that derived data (projection, snapshot, answers) agrees with it."""

from collections.abc import AsyncIterator
from typing import Final, NamedTuple

from sqlalchemy import Connection, select, union

from protocol.attempt.chain import BrokenChain, ErasedLog, NewerLog, open_line
from protocol.attempt.evolve import fold
from protocol.attempt.facts import Erased, tag_of
from storage.archives.kept import Away, away
from storage.columns import is_attempt_id
from storage.database import Database
from storage.log.reading import Kept, read_lines
from storage.schema import attempt_log, snapshots, test_attempts

_PAGE: Final = 1_000
_ERASED: Final = tag_of(Erased(""))


class InArchive(NamedTuple):
    """What the database still has of a log that is in an archive fits what went there; the archive is checked by
    `verify-log FILE`."""

    attempt_id: str
    away: Away


Verdict = tuple[str, int, BrokenChain | ErasedLog | NewerLog | InArchive | None]
"""Attempt id, records in its log, and what there is to say of it, if anything is. `ErasedLog`, `NewerLog` and
`InArchive`: its chain holds."""


async def verify_log(database: Database, attempt_id: str | None = None) -> AsyncIterator[Verdict]:
    """Yields a verdict for one attempt, or for each in the order of their ids."""
    if attempt_id is not None:
        if is_attempt_id(attempt_id):
            yield await _verify(database, attempt_id)
        return
    after = "00000000-0000-0000-0000-000000000000"
    while page := await _page(database, after):
        for one in page:
            yield await _verify(database, one)
        after = page[-1]


async def _page(database: Database, after: str) -> list[str]:
    """Ids of attempts, including those whose log is gone and of which only derived rows are left."""
    everywhere = union(
        *(
            select(table.c.attempt_id).distinct().where(table.c.attempt_id > after)
            for table in (attempt_log, test_attempts, snapshots)
        )
    ).subquery()
    query = select(everywhere.c.attempt_id).order_by(everywhere.c.attempt_id).limit(_PAGE)
    return await database.read(lambda connection: list(connection.execute(query).scalars()))


async def _verify(database: Database, attempt_id: str) -> Verdict:
    try:
        kept, gone, snapshot, projected = await database.read_one_instant(
            lambda connection: _everything(connection, attempt_id)
        )
    except (TypeError, ValueError):
        # SQLite keeps any type in any column. The driver's own message would quote the bytes.
        return attempt_id, 0, BrokenChain(attempt_id, 1, "a column holds a value of another type")
    count = len(kept.lines)
    try:
        if gone is not None:
            _check_rest(attempt_id, kept, gone, projected)
            return attempt_id, count, InArchive(attempt_id, gone)
        records = kept.opened(attempt_id)
        if not records:
            raise BrokenChain(attempt_id, 1, "the log is gone")
        state = fold(records)
        assert state is not None
        if state.identity.attempt_id != attempt_id:
            raise BrokenChain(attempt_id, 1, "the log is another attempt's")
        if snapshot is not None:
            seq, head = snapshot
            if not 1 <= seq <= len(records) or records[seq - 1].hash != head:
                raise BrokenChain(attempt_id, seq, "the snapshot does not lie on the log")
        if projected is None:
            raise BrokenChain(attempt_id, len(records), "it is missing in test_attempts")
        seq, status = projected
        if not 1 <= seq <= len(records):
            raise BrokenChain(attempt_id, seq, "test_attempts does not lie on the log")
        if status != state.status.value:
            raise BrokenChain(attempt_id, seq, f"test_attempts says {status}, the log says {state.status.value}")
    except ErasedLog as erased:
        return attempt_id, count, _after_erasing(erased, snapshot, projected) or erased
    except NewerLog as newer:
        return attempt_id, count, _beside_newer(attempt_id, kept, snapshot, projected) or newer
    except BrokenChain as broken:
        return attempt_id, count, broken
    except ValueError as error:
        return attempt_id, count, BrokenChain(attempt_id, count, f"the records do not fold: {error}")
    return attempt_id, count, None


def _check_rest(attempt_id: str, kept: Kept, gone: Away, projected: tuple[int, str] | None) -> None:
    """Raises `BrokenChain` where what is left of a log does not follow what went into the archive, and `ErasedLog`."""
    if not kept.lines:
        raise BrokenChain(attempt_id, gone.seq + 1, "the record of the archive is gone")
    if gone.dropped_at_ms is None or kept.lines[-1].kind == _ERASED:
        kept.opened(attempt_id, gone.seq, gone.head)
    else:
        head = gone.head
        for seq, line in enumerate(kept.lines, gone.seq + 1):
            open_line(attempt_id, head, seq, line)
            head = line.hash
    if projected is None or projected[0] != kept.lines[-1].seq:
        raise BrokenChain(attempt_id, gone.seq + 1, "test_attempts does not lie on the log")


def _after_erasing(
    erased: ErasedLog, snapshot: tuple[int, bytes] | None, projected: tuple[int, str] | None
) -> BrokenChain | None:
    """What is wrong with what was derived from an erased log, if anything is."""
    seq = erased.record.entry.seq
    if snapshot is not None:
        return BrokenChain(erased.attempt_id, seq, "a snapshot is left of what was erased")
    if projected is None or projected[0] != seq:
        return BrokenChain(erased.attempt_id, seq, "test_attempts does not lie on the log")
    return None


def _beside_newer(
    attempt_id: str, kept: Kept, snapshot: tuple[int, bytes] | None, projected: tuple[int, str] | None
) -> BrokenChain | None:
    """What is wrong with what was derived from a log that only newer versions can fold, as far as can be seen here."""
    hashes = {line.seq: line.hash for line in kept.lines}
    if snapshot is not None and hashes.get(snapshot[0]) != snapshot[1]:
        return BrokenChain(attempt_id, snapshot[0], "the snapshot does not lie on the log")
    if projected is None or projected[0] not in hashes:
        seq = len(kept.lines) if projected is None else projected[0]
        return BrokenChain(attempt_id, seq, "test_attempts does not lie on the log")
    return None


def _everything(
    connection: Connection, attempt_id: str
) -> tuple[Kept, Away | None, tuple[int, bytes] | None, tuple[int, str] | None]:
    """All of one instant: while an attempt goes on, derived data would else be compared with a log that has gone on."""
    snapshot = connection.execute(
        select(snapshots.c.seq, snapshots.c.head).where(snapshots.c.attempt_id == attempt_id)
    ).first()
    projected = connection.execute(
        select(test_attempts.c.seq, test_attempts.c.status).where(test_attempts.c.attempt_id == attempt_id)
    ).first()
    return (
        read_lines(connection, attempt_id),
        away(connection, attempt_id),
        None if snapshot is None else (snapshot.seq, snapshot.head),
        None if projected is None else (projected.seq, projected.status),
    )
