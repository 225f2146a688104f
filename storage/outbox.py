"""The outbox as the deliverer sees it: each event has one id, and is delivered at least once.

It holds what has not been delivered, for 30 days at most: without that bound the table would grow for ever where
nothing delivers. No event is lost by it, since each can be made again from the log.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, select, text

from protocol.attempt.events import Event
from storage.columns import is_attempt_id
from storage.database import Database
from storage.schema import outbox
from storage.statements import DELIVERED, key_of

KEPT_MS: Final = 30 * 24 * 3600 * 1000
"""Longer than a receiver is away who wants to come back: whoever delivers gives up after days."""
_PAGE: Final = 1_000
"""Events in one transaction, so that nobody waits for it."""
_PENDING: Final = select(outbox).order_by(outbox.c.at_ms, outbox.c.attempt_id, outbox.c.seq).limit(bindparam("most"))
_PRUNE: Final = text(
    "DELETE FROM outbox WHERE (attempt_id, seq) IN"
    " (SELECT attempt_id, seq FROM outbox WHERE at_ms < :before ORDER BY at_ms LIMIT :most)"
)


class Outbox:
    """Events that were written with the records they tell, and have not been delivered."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def pending(self, limit: int) -> list[Event]:
        """The oldest first; those of one attempt in the order of its log."""
        rows = await self._database.read(lambda connection: connection.execute(_PENDING, {"most": limit}).all())
        return [Event(f"{row.attempt_id}:{row.seq}", row.topic, row.at_ms, row.payload.encode()) for row in rows]

    async def delivered(self, event_ids: Sequence[str]) -> None:
        """These events have arrived, or have been handed to whoever sees to it: they go."""
        these = [
            (attempt_id, int(seq))
            for attempt_id, _, seq in (event_id.rpartition(":") for event_id in event_ids)
            if is_attempt_id(attempt_id) and seq.isdecimal()
        ]

        def work(connection: Connection) -> None:
            dialect = connection.dialect.name
            DELIVERED.run(connection, [(key_of(dialect, attempt_id), seq) for attempt_id, seq in these])

        await self._database.write(work)

    async def prune(self, now_ms: int) -> None:
        """Deletes what is older than `KEPT_MS`."""
        values = {"before": now_ms - KEPT_MS, "most": _PAGE}
        while await self._database.write(lambda connection: connection.execute(_PRUNE, values).rowcount) == _PAGE:
            pass
