"""Before anything is deleted for its age: is the clock right?"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from protocol.rules.ages import Doubt, doubt
from storage.database import Database
from storage.known_clock import KnownClock

DO: Final = (
    "Set the clock. If it is right, start a server or run `pencilsdown prune` once with PENCILSDOWN_ACCEPT_CLOCK=true"
)


class Ages:
    """Of one database. `wall` is the host's clock, in seconds."""

    def __init__(self, database: Database, wall: Callable[[], float] = time.time) -> None:
        self._database = database
        self._known = KnownClock(database)
        self._wall = wall

    async def doubt(self, now_ms: int) -> str | None:
        """Why nothing may be deleted by this instant; None: it may. Changes nothing."""
        # An embedded database has no clock but the host's.
        apart_ms = 0
        if self._database.dialect != "sqlite":
            apart_ms = int(self._wall() * 1000) - await self._database.now_ms()
        known_ms = await self._known.known_ms()
        match doubt(now_ms, known_ms=known_ms, apart_ms=apart_ms):
            case Doubt.APART:
                return (
                    f"Nothing is archived or deleted for its age: this machine's clock is {abs(apart_ms) // 1000} s off"
                    " the database's"
                )
            case Doubt.LEAPT:
                assert known_ms is not None, "it leapt from there"
                return (
                    f"Nothing is archived or deleted for its age: the clock says {_shown(now_ms)}, and was last known"
                    f" to be right at {_shown(known_ms)}"
                )
        return None

    async def look(self, now_ms: int) -> str | None:
        """As `doubt`; remembers a clock that is good."""
        why = await self.doubt(now_ms)
        if why is None:
            await self._known.note(now_ms)
        return why

    async def accept(self, now_ms: int) -> None:
        """An operator has said that the clock is right."""
        await self._known.note(now_ms)


def _shown(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
