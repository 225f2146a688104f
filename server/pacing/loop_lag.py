"""Measures how late the event loop is. Everything on this node is late by as much."""

import asyncio
from typing import Final

from server.metrics.histogram import Histogram

_EVERY_S: Final = 0.1
_WINDOW_S: Final = 5.0
"""The average forgets over this time: one long step is no overload."""


class LoopLag:
    """Sleeps until an instant, and measures how late it woke up."""

    def __init__(self, histogram: Histogram) -> None:
        self._histogram = histogram
        self.average_s = 0.0

    async def run(self) -> None:
        """Measures, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _EVERY_S
            await asyncio.sleep(_EVERY_S)
            self.note(max(0.0, loop.time() - due))

    def note(self, late_s: float) -> None:
        """Adds one measurement, weighted by the time that it covers."""
        self._histogram.observe(late_s)
        weight = min(1.0, (_EVERY_S + late_s) / _WINDOW_S)
        self.average_s += weight * (late_s - self.average_s)
