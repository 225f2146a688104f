"""Calls that come at the same instant, a few in each turn of the event loop: ten thousand alarms would else hold up
everybody's messages until the last one is done."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Final

from server.pacing.of_loop import OfLoop

log = logging.getLogger(__name__)

AT_ONCE: Final = 8
"""Calls in one turn. Each of them decides about an attempt, which takes some 50 µs."""


class Few:
    """First come, first served. Whoever comes alone is called at once."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: deque[Callable[[], None]] = deque()
        self._left = AT_ONCE
        """Calls that this turn has room for."""
        self._turns = False
        """Whether the next turn gives room again."""

    def call(self, do: Callable[[], None]) -> None:
        """Calls `do` now or in one of the next turns. What it raises keeps nobody else waiting."""
        if self._left and not self._waiting:
            self._take(do)
        else:
            self._waiting.append(do)

    def _take(self, do: Callable[[], None]) -> None:
        self._left -= 1
        if not self._turns:
            self._turns = True
            self._loop.call_soon(self._next_turn)
        try:
            do()
        except Exception:
            log.exception("A call in one of the next turns failed")

    def _next_turn(self) -> None:
        self._turns = False
        self._left = AT_ONCE
        while self._left and self._waiting:
            self._take(self._waiting.popleft())


few: Final = OfLoop(Few)
"""Those of the running event loop."""
