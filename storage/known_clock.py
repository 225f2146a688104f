"""The last instant at which the clock was found good to delete by."""

from typing import Final

from sqlalchemy import bindparam, func, select, update

from storage.database import Database
from storage.schema import audit_log, fleet, test_attempts

_KNOWN: Final = select(fleet.c.clock_ms)
_NEWEST: Final = (select(func.max(audit_log.c.at_ms)), select(func.max(test_attempts.c.submit_time)))
_NOTE: Final = update(fleet).values(clock_ms=bindparam("now_ms"))


class KnownClock:
    """One instant for the whole database. It lies in the database, so that a server which starts with a wrong clock,
    writes by it and starts again is still found out."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def known_ms(self) -> int | None:
        """Where none was noted yet, the newest record of staff or end of an attempt; None: nothing is there."""
        known: int | None = await self._database.read(lambda connection: connection.execute(_KNOWN).scalar())
        if known is not None:
            return known
        newest = await self._database.read(lambda connection: [connection.execute(one).scalar() for one in _NEWEST])
        return max((one for one in newest if one is not None), default=None)

    async def note(self, now_ms: int) -> None:
        await self._database.write(lambda connection: connection.execute(_NOTE, {"now_ms": now_ms}).close())
