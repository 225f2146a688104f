"""The server's clock: the wall clock is read once, then time runs on the monotonic clock.

A jump of the host's wall clock moves no deadline. Time goes on while the host sleeps. With PostgreSQL the node follows
the database's clock: the offset is measured over the fastest of several round trips, applied at once before the node
serves, and slewed afterwards.
"""

import time
from collections.abc import Awaitable, Callable
from typing import Final

_ROUND_TRIPS: Final = 5
_GOOD_TRIP_MS: Final = 50
"""A round trip that tells the time well enough to start with: the offset is wrong by at most half of it."""
_FIRST_PATIENCE_S: Final = 10.0
"""How long a starting node waits for a good round trip. An error at the start lasts for minutes, since it is slewed
away.
"""
_SLEW_MS: Final = 20
"""The most that one later measurement moves the clock: deadlines creep, they never jump."""


_BOOT_CLOCK: Final[int | None] = getattr(time, "CLOCK_BOOTTIME", None)
"""Linux only. Elsewhere we use the monotonic clock, which may stop while the machine sleeps."""


def running_s() -> float:
    """Seconds since some instant, by a clock that nobody can set and that never stops."""
    return time.monotonic() if _BOOT_CLOCK is None else time.clock_gettime(_BOOT_CLOCK)


class Clock:
    """Milliseconds since the Unix epoch, never going back. `wall` and `monotonic` give seconds."""

    def __init__(self, wall: Callable[[], float] = time.time, monotonic: Callable[[], float] = running_s) -> None:
        self._monotonic = monotonic
        self._base_ms = wall() * 1000 - monotonic() * 1000
        self._last_ms = 0
        self.off_ms = 0.0
        """The least possible distance from the followed clock, as of the last measurement."""

    def now_ms(self) -> int:
        now_ms = int(self._base_ms + self._monotonic() * 1000)
        if now_ms > self._last_ms:
            self._last_ms = now_ms
        return self._last_ms

    def now_ns(self) -> int:
        """The time in nanoseconds, for display only: a slew may set it back."""
        return int((self._base_ms + self._monotonic() * 1000) * 1_000_000)

    async def follow(self, other_now_ms: Callable[[], Awaitable[int]], *, first: bool) -> float:
        """Moves towards another clock (the database's). Returns the measured offset in milliseconds."""
        best_trip_ms = offset_ms = float("inf")
        trips = 0
        patient_until_s = self._monotonic() + (_FIRST_PATIENCE_S if first else 0.0)
        while trips < _ROUND_TRIPS or (best_trip_ms > _GOOD_TRIP_MS and self._monotonic() < patient_until_s):
            trips += 1
            before = self._monotonic()
            theirs_ms = await other_now_ms()
            after = self._monotonic()
            trip_ms = (after - before) * 1000
            if trip_ms < best_trip_ms:
                best_trip_ms = trip_ms
                offset_ms = theirs_ms - (self._base_ms + (before + after) * 500)
        if first:
            self._base_ms += offset_ms
            # Jump: nobody has been told the time yet. Otherwise a clock that was ahead would stand still until it is
            # right.
            self._last_ms = 0
        else:
            self._base_ms += max(-_SLEW_MS, min(_SLEW_MS, offset_ms))
            self.off_ms = max(0.0, abs(offset_ms) - best_trip_ms / 2)
        return offset_ms
