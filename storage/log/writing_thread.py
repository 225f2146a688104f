"""One thread that does work in order, and tells the event loop. `ThreadPoolExecutor` makes two futures for each piece
of work, with locks and semaphores around them: a third of what a small commit costs."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")


class WritingThread:
    """Begins with the first piece of work."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._queue: SimpleQueue[tuple[Callable[[], Any], asyncio.Future[Any]] | None] = SimpleQueue()
        self._thread: Thread | None = None
        self._over = False

    def run(self, work: Callable[[], T]) -> "asyncio.Future[T]":
        """What `work` returns or raises. A caller that is cancelled before its turn has nothing done; one that is
        cancelled later does not hear of it. Raises `RuntimeError` after `join`: nobody would ever do it."""
        if self._over:
            raise RuntimeError("the thread has ended")
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        if self._thread is None:
            self._thread = Thread(target=self._work, name=self._name, daemon=True)
            self._thread.start()
        self._queue.put((work, future))
        return future

    def join(self) -> None:
        """Waits until all is done. It takes nothing more."""
        self._over = True
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()

    def _work(self) -> None:
        while (item := self._queue.get()) is not None:
            work, future = item
            if future.cancelled():
                continue
            result, error = None, None
            try:
                result = work()
            except BaseException as raised:  # noqa: BLE001 -- it is the caller's
                error = raised
            # A loop that has ended has nobody who waits.
            with suppress(RuntimeError):
                future.get_loop().call_soon_threadsafe(_tell, future, result, error)
            # Nothing of it is kept while the next piece of work is waited for.
            del item, work, future, result, error


def _tell(future: "asyncio.Future[Any]", result: object, error: BaseException | None) -> None:
    if future.done():
        return
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(result)
