"""The server's clock: the wall clock is read once, then time runs on the monotonic clock.

A jump of the host's wall clock moves no deadline. On several nodes the clock is the database's: its offset is measured
over the fastest of some round trips, taken over at once before the node serves, and slewed afterwards.
"""

import time
from collections.abc import Awaitable, Callable
from typing import Final

_ROUND_TRIPS: Final = 5
_SLEW_MS: Final = 20
"""The most that one later measurement moves the clock: deadlines creep, they never jump."""


class Clock:
    """Milliseconds since the Unix epoch, never going back. `wall` and `monotonic` give seconds."""

    def __init__(self, wall: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._base_ms = wall() * 1000 - monotonic() * 1000
        self._last_ms = 0

    def now_ms(self) -> int:
        now_ms = int(self._base_ms + self._monotonic() * 1000)
        if now_ms > self._last_ms:
            self._last_ms = now_ms
        return self._last_ms

    def now_ns(self) -> int:
        """The same more finely, in nanoseconds, for what is only shown: a slew may set it back."""
        return int((self._base_ms + self._monotonic() * 1000) * 1_000_000)

    async def follow(self, other_now_ms: Callable[[], Awaitable[int]], *, first: bool) -> float:
        """Moves towards another clock (the database's); returns the offset that was found, in milliseconds."""
        best_trip_ms = offset_ms = float("inf")
        for _ in range(_ROUND_TRIPS):
            before = self._monotonic()
            theirs_ms = await other_now_ms()
            after = self._monotonic()
            trip_ms = (after - before) * 1000
            if trip_ms < best_trip_ms:
                best_trip_ms = trip_ms
                offset_ms = theirs_ms - (self._base_ms + (before + after) * 500)
        self._base_ms += offset_ms if first else max(-_SLEW_MS, min(_SLEW_MS, offset_ms))
        return offset_ms
