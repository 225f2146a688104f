"""What stands between a client and a server: a load balancer, a filter, a captive portal, a bad link."""

import asyncio
import re
from collections.abc import Callable, Collection
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

from loadtest.listening import stop_listening
from loadtest.ports import LOOPBACK, free_port

_CHUNK: Final = 65_536
_BLOCKED: Final = b"<html><title>Blocked</title>This is not allowed here.</html>"


class Proxy:
    """Carries bytes to `target`. `async with Proxy(port)`; `url` is where clients come in.

    `upgrades` false: it knows no WebSockets. `blocked`: HTTP methods that it answers itself, with a page of its own.
    `lifetime`: each connection is cut after so many bytes, both ways together, in the middle of whatever it carries.
    """

    def __init__(
        self,
        target: int,
        *,
        upgrades: bool = True,
        blocked: Collection[str] = (),
        lifetime: Callable[[], int] | None = None,
    ) -> None:
        self.target = target
        self.refused = 0
        """Upgrades to WebSocket that were refused."""
        self.opened = 0
        """Upgrades to WebSocket that were carried."""
        self.portal: bytes | None = None
        """While it is set, every call gets this body with status 200, and every upgrade is sent elsewhere. The pages
        and their assets come through, as from a cache."""
        self.caught = 0
        """Upgrades to WebSocket that the portal answered."""
        self._upgrades = upgrades
        self._blocked = frozenset(blocked)
        self._lifetime = lifetime
        self.cuts = 0
        """Connections that were cut because their lifetime had passed."""
        self._port = free_port()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._cut = False

    @property
    def url(self) -> str:
        return _url(self._port)

    def silence(self) -> None:
        """The connections that are open now carry nothing any more, and nobody is told; new ones work."""
        self._flowing.clear()
        self._flowing = asyncio.Event()
        self._flowing.set()

    async def cut(self) -> None:
        """Ends every connection, and takes no new one until `heal`."""
        self._cut = True
        await self._end()

    def heal(self) -> None:
        self._cut = False

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, LOOPBACK, self._port)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._cut = True
        await stop_listening(self._server)
        await self._end()

    async def _end(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # To asyncio of Python 3.11 a task of a server that was cancelled is an error.
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            try:
                if not self._cut:
                    await self._carry(reader, writer)
            finally:
                await _close(writer)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        flowing = self._flowing
        head = await reader.readuntil(b"\r\n\r\n")
        upgrade = b"\r\nupgrade: websocket" in head.lower()
        # Its pages come from here, and a server refuses sockets of pages that are not from its own address.
        head = head.replace(f"\r\nOrigin: {self.url}\r\n".encode(), f"\r\nOrigin: {_url(self.target)}\r\n".encode())
        if (answer := self._own_answer(head, upgrade)) is not None:
            writer.write(answer)
            await writer.drain()
            return
        self.opened += upgrade
        far_reader, far_writer = await asyncio.open_connection(LOOPBACK, self.target)
        try:
            # One request for each connection, so that each is judged.
            far_writer.write(head if upgrade else re.sub(rb"(?i)\r\nconnection:[^\r]*", b"\r\nConnection: close", head))
            life = _Life(self._lifetime() if self._lifetime is not None else None)
            ways = [
                asyncio.create_task(_pump(reader, far_writer, flowing, life)),
                asyncio.create_task(_pump(far_reader, writer, flowing, life)),
            ]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                self.cuts += life.over
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
        finally:
            await _close(far_writer)

    def _own_answer(self, head: bytes, upgrade: bool) -> bytes | None:
        """What the proxy says itself; None: the server is asked."""
        method, path = head.decode("latin-1").split(" ")[:2]
        if self.portal is not None and not path.startswith(("/sit", "/assets")):
            self.caught += upgrade
            return _answer("302 Found", b"", "Location: /portal\r\n") if upgrade else _answer("200 OK", self.portal)
        if upgrade and not self._upgrades:
            self.refused += 1
            return _answer("400 Bad Request", b"")
        if method in self._blocked:
            return _answer("403 Forbidden", _BLOCKED)
        return None


def _url(port: int) -> str:
    return f"http://{LOOPBACK}:{port}"


def _answer(status: str, body: bytes, fields: str = "") -> bytes:
    kind = "application/json" if body.startswith(b"{") else "text/html"
    head = (
        f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{fields}\r\n"
    )
    return head.encode("ascii") + body


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


class _Life:
    """The bytes that a connection may still carry; None: any number."""

    def __init__(self, left: int | None) -> None:
        self._left = left

    @property
    def over(self) -> bool:
        return self._left == 0

    def spend(self, data: bytes) -> bytes:
        """The part of `data` that is still carried."""
        if self._left is None:
            return data
        carried = data[: self._left]
        self._left -= len(carried)
        return carried


async def _pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, flowing: asyncio.Event, life: _Life
) -> None:
    while not life.over and (data := await reader.read(_CHUNK)):
        await flowing.wait()
        writer.write(life.spend(data))
        await writer.drain()
