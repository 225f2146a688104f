"""Empties entries of audit logs that are old enough. Their numbers, instants, kinds and hashes stay, so that the chain
is whole; an entry at its end says up to which number bodies are gone."""

from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, func, select, update

from protocol.attempt.model import Actor
from protocol.rules.audit import EntriesDropped
from storage.audit import EMPTIED, append, take_turns, write
from storage.database import Database
from storage.schema import audit_log

_table: Final = audit_log.c
_AT_ONCE: Final = 500
"""Entries in one transaction, so that nobody waits for it."""


class OldEntries:
    """Of all organisations. What was emptied is not looked at again."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._upto: dict[str, int] = {}

    async def count(self, org_id: str, before_ms: int) -> int:
        """How many entries from before that instant say something still."""
        after = self._upto.get(org_id, 0)

        def work(connection: Connection) -> int:
            query = select(func.count()).select_from(audit_log).where(*_old(connection, org_id, after, before_ms))
            return connection.execute(query).scalar_one()

        return await self._database.for_org(org_id).read(work)

    async def drop(self, eraser: Database, org_id: str, by: Actor, before_ms: int, now_ms: int) -> int:
        """Empties them in the name of a role that may; returns how many. Raises `NotAllowed`."""
        dropped: list[int] = []

        def work(connection: Connection) -> None:
            take_turns(connection, org_id)
            old = _old(connection, org_id, self._upto.get(org_id, 0), before_ms)
            query = select(_table.seq).where(*old).order_by(_table.seq).limit(_AT_ONCE)
            numbers: list[Any] = list(connection.execute(query).scalars())
            dropped[:] = numbers
            if numbers:
                these = (_table.org_id == org_id, _table.seq.in_(numbers))
                connection.execute(update(audit_log).where(*these).values(EMPTIED))
                append(connection, org_id, by, EntriesDropped(numbers[-1]), now_ms)

        total = 0
        while True:
            await write(eraser, work)
            if not dropped:
                return total
            self._upto[org_id] = dropped[-1]
            total += len(dropped)


def _old(connection: Connection, org_id: str, after: int, before_ms: int) -> tuple[ColumnElement[bool], ...]:
    """Those that say something still, up to the first that is not old: clocks may have gone back in between."""
    behind = (_table.org_id == org_id, _table.seq > after)
    first_new = connection.execute(select(func.min(_table.seq)).where(*behind, _table.at_ms >= before_ms)).scalar()
    upto = () if first_new is None else (_table.seq < first_new,)
    return (*behind, *upto, _table.body.is_not(None))
