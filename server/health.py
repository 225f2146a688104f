"""Checks all the time whether the database can be read and written, so that an outage is known before anybody needs it.

`/healthz`, `/readyz` and `/metrics` report the last result and ask nothing themselves.
"""

import asyncio
from typing import Final

from server.outage import Outage
from storage.database import Database
from storage.errors import StorageUnavailable
from storage.log.journal import Journal

LOOK_EVERY_S: Final = 1.0
_PATIENCE_S: Final = 2.0
"""A database that takes longer for an empty query is too slow for an exam."""
_PIECES: Final = 20
"""The patience is divided into this many waits, each of one turn of the loop. On an overloaded node one turn may take
seconds; it uses up one wait only. So a late loop is not mistaken for a database that is away."""
_WRITE_EVERY: Final = 10
"""Reads between two writes: a full disk can still be read. While the journal cannot write, every look writes."""
_WHO: Final = "looking at it"


class Health:
    """Call `look` every `LOOK_EVERY_S`."""

    def __init__(self, database: Database, journal: Journal, outage: Outage) -> None:
        self._database = database
        self._journal = journal
        self._outage = outage
        self._up = True
        self._looking: asyncio.Task[None] | None = None
        self._looks = 0

    @property
    def database_available(self) -> bool:
        """Whether the database answered the last look and committed the journal's last transaction."""
        return self._up and self._journal.available

    async def look(self) -> None:
        """Asks the database to read, or to write. Waits for `_PATIENCE_S`; longer only where the loop is held up."""
        if self._looking is None:
            self._looking = asyncio.create_task(self._ask(), name="look at the database")
        # If a query hangs, wait for the same one next time: a second one would hang behind it.
        if not await _done_in_time(self._looking):
            self._note(f"no answer for {_PATIENCE_S:g} s")
            return
        looking, self._looking = self._looking, None
        try:
            looking.result()
        except StorageUnavailable as error:
            self._note(error)
        else:
            self._note(None)

    def stop(self) -> None:
        """Waits for nothing: the database may not answer any more."""
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None

    async def _ask(self) -> None:
        self._looks += 1
        if self._journal.available and self._looks % _WRITE_EVERY:
            await self._database.ping()
        else:
            await self._database.try_to_write()
            self._journal.can_write()

    def _note(self, trouble: object) -> None:
        self._up = trouble is None
        if trouble is None:
            self._outage.succeeded(_WHO)
        else:
            self._outage.failed(_WHO, trouble)


async def _done_in_time(task: asyncio.Task[None]) -> bool:
    for _ in range(_PIECES):
        done, _ = await asyncio.wait([task], timeout=_PATIENCE_S / _PIECES)
        if done:
            return True
    return False
