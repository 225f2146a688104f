"""The one timer of a live attempt."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final

from server.clock import Clock
from server.pacing.few import few

_LONGEST_SLEEP_S: Final = 60.0
"""The longest time between two looks at the clock. A sleeping machine stops timers, but not the clock."""
_SOON_S: Final = 0.5


class Alarm:
    """Calls `ring` about when the clock reaches an instant. It may ring early, since the loop may, and since it sleeps
    for a minute at most: whoever is rung looks at the clock, and sets the alarm again. Of many that are due at the same
    instant a few ring in each turn of the loop."""

    __slots__ = ("_clock", "_closed", "_ring", "_timer", "at_ms")

    def __init__(self, clock: Clock, ring: Callable[[], None]) -> None:
        self.at_ms: int | None = None
        """The instant it was last set for."""
        self._clock = clock
        self._ring = ring
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    @property
    def waits(self) -> bool:
        """Whether it is going to ring."""
        return self._timer is not None

    def set(self, at_ms: int | None) -> None:
        """Rings at `at_ms`; None: not at all."""
        if at_ms == self.at_ms and self._timer is not None:
            return
        self._stop()
        self.at_ms = at_ms
        if at_ms is not None:
            self._sleep((at_ms - self._clock.now_ms()) / 1000)

    def ring_soon(self) -> None:
        """Rings in half a second: what it was set for is due, and can't be done yet."""
        self._stop()
        self._sleep(_SOON_S)

    def ring_now(self) -> None:
        """Rings at once, if it is going to ring: the clock was moved."""
        if self._timer is not None:
            self._stop()
            self._ring()

    def close(self) -> None:
        """It never rings again."""
        self._closed = True
        self._stop()

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _sleep(self, delay_s: float) -> None:
        if not self._closed:
            delay_s = min(max(0.0, delay_s), _LONGEST_SLEEP_S)
            self._timer = asyncio.get_running_loop().call_later(delay_s, self._on_timer)

    def _on_timer(self) -> None:
        few().call(partial(self._ring_for, self._timer))

    def _ring_for(self, timer: asyncio.TimerHandle | None) -> None:
        """Unless it was set anew, or closed, while others rang."""
        if timer is not None and timer is self._timer:
            self._timer = None
            self._ring()
