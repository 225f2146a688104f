"""A shell that runs in the background for as long as its owner is open."""

import asyncio
import logging
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

from clients.python.link import Link
from clients.python.shell import Shell

_log = logging.getLogger(__name__)


class Background:
    """Opens and closes a connection: with `async with`, or `open` and `close`."""

    def __init__(self, link: Link, shell: Shell[Any]) -> None:
        self._link = link
        self._shell = shell
        self._running: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Starts connecting, in the background."""
        assert self._running is None, "it is opened once"
        self._running = asyncio.create_task(self._shell.run())
        self._running.add_done_callback(self._is_over)

    async def close(self) -> None:
        """Closes the connection for good. What has no answer yet raises `ConnectionEnded`."""
        await self._shell.stop()
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def drop(self) -> None:
        """Cuts the connection like a failing network; it comes back by itself. For tests and load."""
        await self._shell.drop()

    async def __aenter__(self) -> Self:
        self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def connections(self) -> int:
        """Connections that were welcomed; all but the first were reconnects."""
        return self._link.connections

    def _let_go(self) -> Iterator[asyncio.Future[Any]]:
        """All futures that wait for an answer, which will not come; forgets them."""
        raise NotImplementedError

    def _is_over(self, running: asyncio.Task[None]) -> None:
        """The connection is over: for a reason that the link knows, by cancelling, or by a mistake of ours."""
        if not running.cancelled() and (error := running.exception()) is not None:
            _log.error("the client failed", exc_info=error)
        self._link.stop()
        ended = self._link.ended
        assert ended is not None
        for future in list(self._let_go()):
            if not future.done():
                future.set_exception(ended)
                # Mark the exception as retrieved, even if nobody awaits the future.
                future.exception()
