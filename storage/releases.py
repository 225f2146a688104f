"""Which tests' results staff have released."""

from typing import Final

from sqlalchemy import Connection, bindparam, insert, select, update

from protocol.attempt.model import Actor
from protocol.rules.audit import Released
from storage.audit import append
from storage.database import Database
from storage.schema import releases

_SINCE: Final = select(releases.c.released_at_ms).where(
    releases.c.org_id == bindparam("org"), releases.c.test_id == bindparam("test")
)


class Releases:
    """One row for each test that was ever released."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def since_ms(self, org_id: str, test_id: str) -> int | None:
        """When the results were released; None: they are not."""
        values = {"org": org_id, "test": test_id}
        return await self._database.for_org(org_id).read(lambda connection: connection.execute(_SINCE, values).scalar())

    async def put(
        self, org_id: str, test_id: str, released_at_ms: int | None, by: Actor, reason: str, now_ms: int
    ) -> int | None:
        """Releases the results, or (None) holds them back again, which the audit log says; a repetition changes
        nothing. Returns what is so now."""
        key = {"org_id": org_id, "test_id": test_id}
        values = {"released_at_ms": released_at_ms, "changed_by": by.id, "reason": reason}
        this = (releases.c.org_id == org_id, releases.c.test_id == test_id)

        def work(connection: Connection) -> int | None:
            row = connection.execute(select(releases.c.released_at_ms).where(*this).with_for_update()).first()
            kept: int | None = None if row is None else row.released_at_ms
            if row is not None and (kept is None) == (released_at_ms is None):
                return kept
            if row is None:
                connection.execute(insert(releases).values(**key, **values))
            else:
                connection.execute(update(releases).where(*this).values(**values))
            append(connection, org_id, by, Released(test_id, reason, released_at_ms is None), now_ms)
            return released_at_ms

        return await self._database.for_org(org_id).write(work)
