"""What the database knows of logs that are in archives."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from sqlalchemy import Connection, func, select

from storage.columns import is_attempt_id
from storage.database import Database
from storage.schema import archived_logs, attempt_keys, test_attempts

_table: Final = archived_logs.c


class Away(NamedTuple):
    """The records up to `seq`, whose hash is `head`, are in `archive` alone. `dropped_at_ms`: it was deleted then."""

    archive: str
    seq: int
    head: bytes
    archived_at_ms: int
    dropped_at_ms: int | None


_AWAY: Final = select(*(_table[name] for name in Away._fields)).where(_table.restored_at_ms.is_(None))


def away(connection: Connection, attempt_id: str) -> Away | None:
    """Where the beginning of this log is; None: in the database."""
    row = connection.execute(_AWAY.where(_table.attempt_id == attempt_id)).first()
    return None if row is None else Away(*row)


class Known(NamedTuple):
    """What the database has of an attempt that an archive has, too. `away`: it has not been brought back."""

    org_id: str
    key: bytes | None
    erased: bool
    away: Away | None


class ArchivedLogs:
    """Reads it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def away(self, attempt_id: str) -> Away | None:
        """Where the beginning of this log is; None: in the database."""
        if not is_attempt_id(attempt_id):
            return None
        return await self._database.read(lambda connection: away(connection, attempt_id))

    async def count(self, archive: str) -> int:
        """How many logs have gone into this archive, and not into another one since."""
        query = select(func.count()).where(_table.archive == archive)
        return await self._database.read(lambda connection: connection.execute(query).scalar_one())

    async def known(self, attempt_id: str) -> Known | None:
        """None: there is no such attempt here."""
        if not is_attempt_id(attempt_id):
            return None
        table = test_attempts.c

        def work(connection: Connection) -> Known | None:
            row = connection.execute(
                select(table.org_id, table.erased_at_ms, attempt_keys.c.key)
                .join(attempt_keys, attempt_keys.c.attempt_id == table.attempt_id, isouter=True)
                .where(table.attempt_id == attempt_id)
            ).first()
            if row is None:
                return None
            return Known(row.org_id, row.key, row.erased_at_ms is not None, away(connection, attempt_id))

        return await self._database.read(work)

    async def away_among(self, attempt_ids: Iterable[str]) -> dict[str, Away]:
        """Those of the attempts whose logs are in archives."""
        found: dict[str, Away] = {}
        for attempt_id in attempt_ids:
            one = await self.away(attempt_id)
            if one is not None:
                found[attempt_id] = one
        return found
