"""A candidate whose every message is timed, and her fetching of the paper."""

import asyncio
import math
from collections import deque
from typing import Final, cast

import msgspec

from loadtest.bench.control import Seat
from loadtest.bench.seats import Peer, candidates_hello
from loadtest.drill.process import HOST
from protocol import codec
from protocol.messages.candidate import Ack, StatePush, TimeWarning, Welcome
from protocol.messages.connection import Goodbye, RefusedOp

ENDED: Final = ("submitted", "expired", "completed", "abandoned")
BEHIND_ONE_ADDRESS: Final = 100
"""Candidates who share an address, as those of a school do. A server has limits for each address."""


def address_of(number: int) -> str:
    """Where the candidate with this number comes from: one of the loopback addresses."""
    school = number // BEHIND_ONE_ADDRESS
    return f"127.{1 + school // 62_500}.{school // 250 % 250}.{1 + school % 250}"


class Sitter(Peer):
    """A candidate on one connection. Instants are those of the event loop's clock; infinity: never, and `failure` says
    why."""

    path = "/ws/attempts/"

    def __init__(self, seat: Seat, number: int, connect_n: int = 1) -> None:
        """`number`: tells where she comes from; `connect_n`: her how-manieth connection it is."""
        super().__init__(seat)
        self.number = number
        self.seq = 0
        """The record that the last acknowledgement names."""
        self._connect_n = connect_n
        self._loop = asyncio.get_running_loop()
        self._address = address_of(number)
        self._acks: deque[tuple[int, asyncio.Future[float]]] = deque()
        self.welcomed: asyncio.Future[float] = self._loop.create_future()
        self.ended: asyncio.Future[float] = self._loop.create_future()
        """When she was told that her attempt has ended."""
        self.warned: asyncio.Future[float] = self._loop.create_future()
        """When she was told how much time is left."""
        self.over: asyncio.Future[None] = self._loop.create_future()
        """Done when the connection has ended."""
        self.deadline_ms: int | None = None

    async def connect(self, port: int) -> float:
        """When she was welcome."""
        try:
            await self._loop.create_connection(lambda: self, HOST, port, local_addr=(self._address, 0))
        except OSError as error:
            self.fail(f"no connection: {error}")
        return await self.welcomed

    def ask(self, n: int, framed: bytes) -> asyncio.Future[float]:
        """Sends operation `n`; when it was acknowledged."""
        acked: asyncio.Future[float] = self._loop.create_future()
        if self.failure is None:
            self._acks.append((n, acked))
            self.say(framed)
        else:
            acked.set_result(math.inf)
        return acked

    async def fetch_paper(self, port: int) -> bytes:
        """The paper as it was sent, on a connection of its own; empty, where it was not."""
        fetched: asyncio.Future[tuple[bytes, bytes]] = self._loop.create_future()
        try:
            await self._loop.create_connection(
                lambda: _Fetch(self.seat, fetched), HOST, port, local_addr=(self._address, 0)
            )
            head, body = await fetched
        except OSError as error:
            self.fail(f"no connection for the paper: {error}")
            return b""
        if not head.startswith(b"HTTP/1.1 200 "):
            self.fail(f"instead of the paper: {head.decode('latin-1').splitlines()[0]} {body[:200]!r}")
            return b""
        return body

    def leave(self) -> None:
        """Hangs up, without failing."""
        self.failure = self.failure or "left"
        if self._transport is not None:
            self._transport.close()

    def fail(self, why: str) -> None:
        super().fail(why)
        if not self.over.done():
            self.over.set_result(None)
        waiting = [self.welcomed, self.warned, self.ended, *(acked for _, acked in self._acks)]
        self._acks.clear()
        for one in waiting:
            if not one.done():
                one.set_result(math.inf)

    def _hello(self, token: str) -> msgspec.Struct:
        return candidates_hello(token, self._connect_n)

    def _hear(self, data: bytes) -> None:
        now_s = self._loop.time()
        message = codec.decode_to_candidate(data)
        match message:
            case Ack(n, seq):
                self.seq = seq
                while self._acks and self._acks[0][0] <= n:
                    _note(self._acks.popleft()[1], now_s)
            case Welcome():
                self.deadline_ms = message.state.test_clock.deadline_ms
                _note(self.welcomed, now_s)
            case TimeWarning():
                _note(self.warned, now_s)
            case StatePush(_, state) if state.status in ENDED:
                _note(self.ended, now_s)
            case RefusedOp(_, code, detail) | Goodbye(code, detail):
                self.fail(f"{code}: {detail}")
            case _:
                pass


def _note(future: asyncio.Future[float], now_s: float) -> None:
    if not future.done():
        future.set_result(now_s)


class _Fetch(asyncio.Protocol):
    """`GET …/paper`, as a browser asks for it: the head and the body."""

    def __init__(self, seat: Seat, fetched: asyncio.Future[tuple[bytes, bytes]]) -> None:
        self._seat = seat
        self._fetched = fetched
        self._transport: asyncio.Transport | None = None
        self._pieces: list[bytes] = []
        self._left = 0
        self._head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are of no type of asyncio's.
        self._transport = transport = cast("asyncio.Transport", transport)
        head = (
            f"GET /test-attempts/{self._seat.id}/paper HTTP/1.1",
            f"Host: {HOST}",
            f"Authorization: Bearer {self._seat.token}",
            "Accept: */*",
            "Accept-Encoding: gzip, deflate, br",
            "Accept-Language: en-GB,en;q=0.9",
            "Connection: keep-alive",
            "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0",
        )
        transport.write(("\r\n".join(head) + "\r\n\r\n").encode())

    def data_received(self, data: bytes) -> None:
        if not self._head:
            data = b"".join(self._pieces) + data
            self._pieces.clear()
            head, end, body = data.partition(b"\r\n\r\n")
            if not end:
                self._pieces.append(data)
                return
            self._head = head + b"\r\n"
            length = self._head.lower().partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
            self._left = int(length or 0)
            data = body
        self._pieces.append(data)
        self._left -= len(data)
        if self._left <= 0 and not self._fetched.done():
            self._fetched.set_result((self._head, b"".join(self._pieces)))
            assert self._transport is not None
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._fetched.done():
            self._fetched.set_exception(ConnectionError(f"it ended before the paper was there: {exc}"))
