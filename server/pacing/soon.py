"""Calls in the next turn of the event loop, gathered: for a whole room's acknowledgements the loop is asked once."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from server.pacing.of_loop import OfLoop

log = logging.getLogger(__name__)


class Soon:
    """Calls that wait for the next turn, in their order."""

    __slots__ = ("_calls", "_loop")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._calls: list[Callable[[], None]] = []

    def call(self, do: Callable[[], None]) -> None:
        """Calls `do` in the next turn. What it raises keeps nobody else waiting."""
        if not self._calls:
            self._loop.call_soon(self._run)
        self._calls.append(do)

    def _run(self) -> None:
        calls, self._calls = self._calls, []
        for do in calls:
            try:
                do()
            except Exception:
                log.exception("A call in the next turn failed")


soon: Final = OfLoop(Soon)
"""Those of the running event loop."""
