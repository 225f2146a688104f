"""A socket that does what a well-behaved client would not: it stays, and goes on asking."""

from contextlib import suppress
from types import TracebackType
from typing import Self
from uuid import uuid4

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from clients.python.shell import socket_url
from clients.python.wire import pack, unpack_to_candidate
from protocol.limits import PROTOCOL_VERSION
from protocol.messages.base import Message
from protocol.messages.candidate import Hello, Welcome
from protocol.messages.directions import ToCandidate
from tests.e2e.exams import Seat


class RawSocket:
    """`async with RawSocket(url, seat)`: a connection that says hello, and nothing else by itself."""

    def __init__(self, url: str, seat: Seat) -> None:
        self._url = socket_url(url, f"/ws/attempts/{seat.attempt_id}")
        self._token = seat.token
        self._socket: ClientConnection | None = None

    async def __aenter__(self) -> Self:
        self._socket = await connect(self._url, compression=None, ping_interval=None, proxy=None)
        await self.send(Hello(PROTOCOL_VERSION, self._token, "an old tab", 1, [], uuid4().hex, 1, True, None, None))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._socket is not None
        await self._socket.close()

    async def send(self, message: Message) -> None:
        """What is said to a closed socket is said to nobody."""
        assert self._socket is not None
        with suppress(ConnectionClosed):
            await self._socket.send(pack(message))

    def pause_reading(self) -> None:
        """Takes nothing from the network any more, not even a close."""
        assert self._socket is not None
        self._socket.transport.pause_reading()

    async def welcome(self) -> Welcome:
        message = await self.next()
        assert isinstance(message, Welcome)
        return message

    async def next(self) -> ToCandidate:
        """The next message. Raises `ConnectionClosed`."""
        assert self._socket is not None
        return unpack_to_candidate(await self._socket.recv(decode=False))

    async def rest(self) -> tuple[list[ToCandidate], int]:
        """Everything that still comes, and the code the server closes with."""
        assert self._socket is not None
        messages: list[ToCandidate] = []
        with suppress(ConnectionClosed):
            while True:
                messages.append(await self.next())
        assert self._socket.close_code is not None
        return messages, self._socket.close_code
