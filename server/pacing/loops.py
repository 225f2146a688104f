"""Periodic work of a node."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

from server.outage import Outage
from server.process.vital import Vital
from storage.errors import StorageUnavailable

log = logging.getLogger(__name__)

_RETRY_S: Final = 2.0
"""After this, work is tried again that the database was away for."""


class Loops:
    """Tasks that run as long as the node. `outage` tells an operator when the database is away; `vital` ends the node
    if one of them ends by itself."""

    def __init__(self, outage: Outage, vital: Vital) -> None:
        self._outage = outage
        self._vital = vital
        self._tasks: list[asyncio.Task[None]] = []

    def every(self, pause_s: float, work: Callable[[], Awaitable[None]], name: str) -> None:
        """Runs `work` now, and again `pause_s` after each end; sooner while the database is away. A failure is
        logged and does not stop it."""
        self.run(self._again(pause_s, work, name), name)

    def run(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Runs a task that does not end by itself."""
        task = asyncio.create_task(work, name=name)
        self._vital.watch(task)
        self._tasks.append(task)

    async def stop(self) -> None:
        """Cancels all tasks; returns when they have ended. From now on none of the node's vital tasks ends it."""
        self._vital.stop()
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
            except asyncio.CancelledError:
                if _is_to_end():
                    raise
                log.exception("%s was cancelled by what it waited for", name)
            except Exception:
                log.exception("%s failed", name)
            else:
                self._outage.succeeded(name)
            await asyncio.sleep(wait_s)


def _is_to_end() -> bool:
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0
