"""How long organisations keep the logs of their attempts."""

from typing import Final

import msgspec
from sqlalchemy import Connection, delete, insert, select

from protocol.attempt.model import Actor
from protocol.rules.audit import RetentionChanged
from protocol.rules.retention import Retention
from storage.audit import append, write
from storage.database import Database
from storage.schema import retention

_RULES: Final = select(retention.c.org_id, retention.c.archive_after_days, retention.c.drop_after_days)


class RetentionRules:
    """One row for each organisation that has said something."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, org_id: str) -> Retention:
        query = _RULES.where(retention.c.org_id == org_id)
        row = await self._database.for_org(org_id).read(lambda connection: connection.execute(query).first())
        return Retention() if row is None else Retention(row.archive_after_days, row.drop_after_days)

    async def all(self) -> dict[str, Retention]:
        """By organisation."""
        rows = await self._database.read(lambda connection: connection.execute(_RULES).all())
        return {row.org_id: Retention(row.archive_after_days, row.drop_after_days) for row in rows}

    async def put(self, org_id: str, rule: Retention, by: Actor, now_ms: int) -> None:
        """Says so, and that it was said in the audit log."""
        said = msgspec.structs.asdict(rule)

        def work(connection: Connection) -> None:
            connection.execute(delete(retention).where(retention.c.org_id == org_id))
            connection.execute(insert(retention).values(org_id=org_id, **said))
            append(connection, org_id, by, RetentionChanged(**said), now_ms)

        await write(self._database.for_org(org_id), work)
