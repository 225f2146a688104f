"""Ten thousand candidates in one process: bare sockets that all say the same at the same time.

Every message is encoded once for all of them. Frames are masked with zeros, which costs nothing and which every server
must unmask as any other mask.
"""

import asyncio
import base64
import secrets
from collections.abc import Sequence
from functools import partial
from typing import Final, cast

import msgspec

from loadtest.bench.control import Seat
from loadtest.drill.process import HOST, StageError
from protocol import codec, limits
from protocol.messages import Ack, Goodbye, Hello, RefusedOp, Welcome

_DOOR: Final = 200
"""Connections that are opened at a time."""
_PATIENCE_S: Final = 60.0
_AT_ONCE: Final = 250
"""Candidates who speak at the same instant: were it all of them, the node would be measured in a peak."""
_BINARY: Final = 0x82


def frame(message: msgspec.Struct) -> bytes:
    """A client's frame."""
    data = codec.encode(message)
    size = bytes((0x80 | len(data),)) if len(data) < 126 else b"\xfe" + len(data).to_bytes(2, "big")
    return bytes((_BINARY,)) + size + bytes(4) + data


class _Socket(asyncio.Protocol):
    """`acked`: the greatest number that is durable. `welcomed` is resolved by the welcome."""

    def __init__(self, seat: Seat) -> None:
        self.acked = 0
        self.welcomed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.failure: str | None = None
        self._seat = seat
        self._unread = b""
        self._transport: asyncio.Transport | None = None
        self._upgraded = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are of no type of asyncio's.
        self._transport = transport = cast("asyncio.Transport", transport)
        key = base64.b64encode(secrets.token_bytes(16)).decode()
        head = (
            f"GET /ws/attempts/{self._seat.attempt_id} HTTP/1.1",
            f"Host: {HOST}",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {key}",
            "Accept-Encoding: gzip, deflate, br",
            "Accept-Language: en-GB,en;q=0.9",
            "Cache-Control: no-cache",
            "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0",
        )
        transport.write(("\r\n".join(head) + "\r\n\r\n").encode())

    def data_received(self, data: bytes) -> None:
        unread = self._unread + data
        if not self._upgraded:
            head, end, unread = unread.partition(b"\r\n\r\n")
            if not end:
                self._unread = head
                return
            if b" 101 " not in head:
                self._fail(head.decode("latin-1"))
            self._upgraded = True
            version = limits.PROTOCOL_VERSION
            self.say(frame(Hello(version, self._seat.token, "bench/1", version, [], "device", 1, True, None)))
        while len(unread) > 1:
            size, begin = unread[1], 2
            if size > 125:
                width = 2 if size == 126 else 8
                size, begin = int.from_bytes(unread[2 : 2 + width], "big"), 2 + width
            if len(unread) < begin + size:
                break
            if unread[0] == _BINARY:
                self._hear(unread[begin : begin + size])
            unread = unread[begin + size :]
        self._unread = unread

    def _hear(self, data: bytes) -> None:
        match codec.decode_to_candidate(data):
            case Ack(n):
                self.acked = n
            case Welcome():
                self.welcomed.set_result(None)
            case RefusedOp(_, code, detail) | Goodbye(code, detail):
                self._fail(f"{code}: {detail}")

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(f"the connection has ended: {exc}")

    def say(self, framed: bytes) -> None:
        assert self._transport is not None
        self._transport.write(framed)

    async def until(self, n: int) -> None:
        """Returns when operation `n` is acknowledged."""
        while self.acked < n:
            if self.failure is not None:
                raise StageError(self.failure)
            await asyncio.sleep(0.001)

    def _fail(self, why: str) -> None:
        self.failure = self.failure or why
        if not self.welcomed.done():
            self.welcomed.set_exception(StageError(why))


def _itself(one: _Socket) -> _Socket:
    return one


class Seats:
    """Everybody who sits. All of its methods raise `StageError` where the server does what it never should."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._sockets: list[_Socket] = []

    async def come(self, seats: Sequence[Seat]) -> None:
        """They connect, and are welcome."""
        loop = asyncio.get_running_loop()
        for start in range(0, len(seats), _DOOR):
            group = [_Socket(seat) for seat in seats[start : start + _DOOR]]
            for one in group:
                await loop.create_connection(partial(_itself, one), HOST, self._port)
            async with asyncio.timeout(_PATIENCE_S):
                await asyncio.gather(*(one.welcomed for one in group))
            self._sockets += group

    async def say(self, *messages: msgspec.Struct, n: int = 0) -> None:
        """Everybody says this. Returns when operation `n` is acknowledged to everybody."""
        framed = b"".join(frame(message) for message in messages)
        for start in range(0, len(self._sockets), _AT_ONCE):
            group = self._sockets[start : start + _AT_ONCE]
            for one in group:
                one.say(framed)
            async with asyncio.timeout(_PATIENCE_S):
                for one in group:
                    await one.until(n)
