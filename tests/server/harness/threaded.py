"""A server in a thread of its own, for tests that cannot run in its loop."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from server.settings import Settings
from tests.server.harness.clock import MovableClock
from tests.server.harness.running import RunningServer
from tests.services.patience import PATIENCE_S

_T = TypeVar("_T")


class Threaded:
    """`server` runs in another thread; await its coroutines through `do`."""

    def __init__(self, server: RunningServer, loop: asyncio.AbstractEventLoop) -> None:
        self.server = server
        self._loop = loop

    def do(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Runs it in the server's loop, and waits for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_S)


@contextmanager
def threaded(settings: Settings) -> Iterator[Threaded]:
    """The server, from its start to its end."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="server")
    thread.start()
    running = Threaded(RunningServer(settings, MovableClock()), loop)
    try:
        running.do(running.server.start())
        yield running
        running.do(running.server.stop())
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
