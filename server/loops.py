"""Periodic work of a node."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

from server.outage import Outage
from storage.errors import StorageUnavailable

log = logging.getLogger(__name__)

_RETRY_S: Final = 2.0
"""After this, work is tried again that the database was away for."""


class Loops:
    """Tasks that run as long as the node. `outage` tells an operator when the database is away."""

    def __init__(self, outage: Outage) -> None:
        self._outage = outage
        self._tasks: list[asyncio.Task[None]] = []

    def every(self, pause_s: float, work: Callable[[], Awaitable[None]], name: str) -> None:
        """Runs `work` now, and again `pause_s` after each end; sooner while the database is away. A failure is
        logged and does not stop it."""
        self.run(self._again(pause_s, work, name), name)

    def run(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Runs a task that does not end by itself."""
        self._tasks.append(asyncio.create_task(work, name=name))

    async def stop(self) -> None:
        """Cancels all tasks; returns when they have ended."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()

    async def _again(self, pause_s: float, work: Callable[[], Awaitable[None]], name: str) -> None:
        while True:
            wait_s = pause_s
            try:
                await work()
            except StorageUnavailable as error:
                # Whoever works once an hour must not leave the outage open for an hour.
                wait_s = min(pause_s, _RETRY_S)
                self._outage.failed(name, error)
            except Exception:
                log.exception("%s failed", name)
            else:
                self._outage.succeeded(name)
            await asyncio.sleep(wait_s)
