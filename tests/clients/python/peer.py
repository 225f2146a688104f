"""A server in the test's own process, which says and does what the test tells it: for what a real one rarely does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from protocol import codec
from protocol.errors import WireError
from protocol.messages.base import Message
from protocol.messages.candidate import Hello
from protocol.messages.directions import FromCandidate, FromInstructor
from protocol.messages.monitor import MonitorHello


class Line:
    """The peer's end of one connection, as a test sees it."""

    def __init__(self, socket: ServerConnection, path: str, hello: Hello | MonitorHello) -> None:
        self.hello = hello
        self.path = path
        self._socket = socket

    async def say(self, *messages: Message) -> None:
        for message in messages:
            await self._socket.send(codec.encode(message))

    async def say_bytes(self, *fragments: bytes) -> None:
        """One message, in so many frames."""
        await self._socket.send(fragments if len(fragments) > 1 else fragments[0])

    async def say_text(self, text: str) -> None:
        await self._socket.send(text)

    async def hear(self) -> FromCandidate:
        """The candidate's next message."""
        return codec.decode_from_candidate(await self._socket.recv(decode=False))

    async def hear_instructor(self) -> FromInstructor:
        return codec.decode_from_instructor(await self._socket.recv(decode=False))

    async def ping(self) -> None:
        """Returns with the pong."""
        await (await self._socket.ping())

    async def close(self, code: int, reason: str = "") -> None:
        await self._socket.close(code, reason)

    async def cut(self) -> None:
        """As a failing network does."""
        self._socket.transport.abort()
        await self._socket.wait_closed()

    async def closed(self) -> int | None:
        """The close code, once the client has closed."""
        with suppress(ConnectionClosed):
            while True:
                await self._socket.recv()
        return self._socket.close_code


class Peer:
    """Hands each connection that has said hello to the test."""

    def __init__(self) -> None:
        self._lines: asyncio.Queue[Line | Exception] = asyncio.Queue()
        self._server: Server | None = None
        self._over = asyncio.Event()
        self.port = 0
        self.url = ""

    async def line(self) -> Line:
        """The next connection. Raises what was wrong with its hello."""
        line = await self._lines.get()
        if isinstance(line, Exception):
            raise line
        return line

    async def _handle(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        path = socket.request.path
        decode = codec.decode_from_instructor if path.startswith("/ws/monitor/") else codec.decode_from_candidate
        with suppress(ConnectionClosed):
            try:
                hello = decode(await socket.recv(decode=False))
                assert isinstance(hello, Hello | MonitorHello), f"{hello} is no hello"
            except (WireError, AssertionError) as error:
                # Clients come back at once and for ever in these tests, so the test has to hear of it.
                await self._lines.put(error)
                return
            await self._lines.put(Line(socket, path, hello))
            # The test owns the connection now; a handler that returned would close it.
            over = asyncio.ensure_future(self._over.wait())
            await asyncio.wait([over, asyncio.ensure_future(socket.wait_closed())], return_when=asyncio.FIRST_COMPLETED)
            over.cancel()

    @classmethod
    @asynccontextmanager
    async def open(cls, port: int = 0) -> AsyncIterator["Peer"]:
        """On this port, or any."""
        peer = cls()
        async with serve(peer._handle, "127.0.0.1", port, compression=None, ping_interval=None) as server:
            peer.port = next(iter(server.sockets)).getsockname()[1]
            peer.url = f"http://127.0.0.1:{peer.port}"
            yield peer
            peer._over.set()
