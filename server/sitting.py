"""Whether anybody still sits a test, or may, which decides what its candidates may see of their results."""

import asyncio
from collections import OrderedDict
from typing import Final, NamedTuple

from server.clock import Clock
from storage.database import Database
from storage.sat import sat_until_ms
from storage.sharing import outcome_of

_KEPT_MS: Final = 5_000
"""A whole room asks for its results at the same time."""
_MOST: Final = 1_000


class _Look(NamedTuple):
    at_ms: int
    until_ms: asyncio.Future[int | None]


class Sitting:
    """Looks into the database, once for all who ask at the same time."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._looks: OrderedDict[tuple[str, str], _Look] = OrderedDict()

    async def until_ms(self, org_id: str, test_id: str) -> int | None:
        """See `sat_until_ms`; a few seconds old at most. Raises `StorageUnavailable`."""
        key, now_ms = (org_id, test_id), self._clock.now_ms()
        look = self._looks.get(key)
        if look is None or not look.at_ms <= now_ms < look.at_ms + _KEPT_MS:
            look = _Look(now_ms, asyncio.ensure_future(sat_until_ms(self._database, org_id, test_id, now_ms)))
            self._looks[key] = look
            self._looks.move_to_end(key)
            if len(self._looks) > _MOST:
                self._looks.popitem(last=False)
        try:
            return await outcome_of(look.until_ms)
        except Exception:
            if self._looks.get(key) is look:
                del self._looks[key]
            raise
