"""Listening that opens one connection after the other.

The loop's own server takes all that wait in the kernel's queue, and then reads all their requests in one turn of the
loop: because of 400 connections at the same instant everybody's messages would wait for a tenth of a second. Here each
connection is read in a turn of its own, and those whose turn has not come wait in a queue of ours. The kernel's is
short: whoever finds it full tries again only seconds later, or is cut off where the kernel has sent a SYN cookie.
"""

import asyncio
import logging
import socket
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Final

import uvicorn

from server.limits.capacity import most_unread
from server.pacing.turns import turns

log = logging.getLogger(__name__)

_PAUSE_S: Final = 1.0
"""After the system has refused a further connection: it has no descriptors or no memory left."""
_AT_ONCE: Final = 16
"""Connections taken from the kernel in one turn of the loop, which is some 10 µs each."""


class Acceptor:
    """Listens at a bound socket, and gives each connection a protocol."""

    def __init__(self, bound: socket.socket, make_protocol: Callable[[], asyncio.Protocol], backlog: int) -> None:
        """`backlog`: connections that may wait in the kernel's queue."""
        self._loop = asyncio.get_running_loop()
        self._bound = bound
        self._make_protocol = make_protocol
        self._most_unread = most_unread()
        self._unread: deque[socket.socket] = deque()
        """Connections that have no protocol yet."""
        self._opening: set[asyncio.Task[None]] = set()
        self._listens = False
        self._pause: asyncio.TimerHandle | None = None
        self._closed = False
        bound.setblocking(False)
        bound.listen(backlog)
        self._go_on()

    def close(self) -> None:
        """Takes no more connections. The socket is the caller's to close."""
        self._closed = True
        self._stand_still()
        if self._pause is not None:
            self._pause.cancel()
        while self._unread:
            self._unread.popleft().close()

    def _go_on(self) -> None:
        self._pause = None
        if not self._closed and not self._listens:
            self._listens = True
            self._loop.add_reader(self._bound, self._accept)

    def _stand_still(self) -> None:
        if self._listens:
            self._listens = False
            self._loop.remove_reader(self._bound)

    def _accept(self) -> None:
        for _ in range(_AT_ONCE):
            if len(self._unread) >= self._most_unread:
                self._stand_still()
                return
            try:
                connection, _ = self._bound.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return  # another process took it, or its peer has left
            except OSError as error:
                log.error("No further connections for %.0f s: %s", _PAUSE_S, error.strerror)
                self._stand_still()
                self._pause = self._loop.call_later(_PAUSE_S, self._go_on)
                return
            self._unread.append(connection)
            turns().next(self._open_first, new=True)

    def _open_first(self) -> None:
        if not self._unread:
            return  # it was closed meanwhile
        connection = self._unread.popleft()
        if self._pause is None:
            self._go_on()
        connection.setblocking(False)
        opening = self._loop.create_task(self._open(connection), name="accept")
        self._opening.add(opening)
        opening.add_done_callback(self._opening.discard)

    async def _open(self, connection: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(self._make_protocol, connection)
        except OSError:
            connection.close()  # its peer has left


class OneByOneServer(uvicorn.Server):
    """uvicorn, listening in this way at the sockets that it is given."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._acceptors: list[Acceptor] = []

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts the application, then listens."""
        await super().startup([])
        if self.started:
            protocol: Callable[..., asyncio.Protocol] = self.config.http_protocol_class
            make = partial(protocol, config=self.config, server_state=self.server_state, app_state=self.lifespan.state)
            self._acceptors = [Acceptor(one, make, self.config.backlog) for one in sockets or ()]

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Takes no more connections, and waits for the end of those that there are."""
        for one in self._acceptors:
            one.close()
        await super().shutdown(sockets)
