"""The outbox, from the side of whoever delivers: at least once, each event under one id."""

from collections.abc import Sequence

from sqlalchemy import and_, or_, select, update

from protocol.attempt.events import Event
from storage.columns import is_attempt_id
from storage.database import Database
from storage.schema import outbox


class Outbox:
    """Events that were written with the records they tell."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def pending(self, limit: int) -> list[Event]:
        """Events that were not delivered yet, the oldest first; those of one attempt in the order of its log."""
        query = (
            select(outbox)
            .where(outbox.c.delivered_at_ms.is_(None))
            .order_by(outbox.c.at_ms, outbox.c.attempt_id, outbox.c.seq)
            .limit(limit)
        )
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return [Event(f"{row.attempt_id}:{row.seq}", row.topic, row.at_ms, row.payload.encode()) for row in rows]

    async def delivered(self, event_ids: Sequence[str], now_ms: int) -> None:
        """Notes that these events have arrived."""
        these = [
            and_(outbox.c.attempt_id == attempt_id, outbox.c.seq == int(seq))
            for attempt_id, _, seq in (event_id.rpartition(":") for event_id in event_ids)
            if is_attempt_id(attempt_id) and seq.isdecimal()
        ]
        if these:
            statement = update(outbox).where(or_(*these), outbox.c.delivered_at_ms.is_(None))
            await self._database.write(lambda connection: connection.execute(statement.values(delivered_at_ms=now_ms)))
