"""The tasks without which a node does not serve.

Where one of them ends by itself, the node ends too: whoever has started it (systemd, the supervisor of the workers)
starts another one, and its candidates come back there. Left alone, it would take their connections, and answer nobody.
"""

import asyncio
import logging
from collections.abc import Callable

log = logging.getLogger(__name__)

_LAST_WORDS = "The task '%s' has ended, and this node stops: it can't serve without it"


class Vital:
    """`on_end` is called with the name of the first task that has ended by itself."""

    def __init__(self, on_end: Callable[[str], None]) -> None:
        self._on_end = on_end
        self._stopping = False
        self.watched: set[asyncio.Task[None]] = set()
        self.ended: str | None = None
        """The task that has ended by itself; None: none has."""

    def watch(self, task: "asyncio.Task[None]") -> None:
        """This task must not end before `stop`."""
        self.watched.add(task)
        task.add_done_callback(self._done)

    def stop(self) -> None:
        """From now on they end because the node stops."""
        self._stopping = True

    def _done(self, task: "asyncio.Task[None]") -> None:
        self.watched.discard(task)
        if self._stopping or self.ended is not None:
            return
        self.ended = task.get_name()
        error = None if task.cancelled() else task.exception()
        log.critical(_LAST_WORDS, self.ended, exc_info=error)
        self._on_end(self.ended)
