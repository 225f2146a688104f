"""Ten thousand candidates in one process: bare sockets that all say the same, some hundreds of them at a time.

Every message is encoded once for all of them.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Final, TypeVar, cast

import msgspec

from loadtest.bench.control import Seat
from loadtest.bench.frames import frame, handshake
from loadtest.drill.process import HOST, StageError
from protocol import codec, limits
from protocol.messages.candidate import Ack, Hello, Welcome
from protocol.messages.connection import Beat, Echo, Goodbye, RefusedOp
from protocol.messages.monitor import MonitorHello

_DOOR: Final = 100
"""Connections that are on their way at a time."""
_AT_ONCE: Final = 500
"""Candidates who wait for an answer at a time: were it all of them, the node would be measured in a peak."""
_PATIENCE_S: Final = 60.0
"""The node answers somebody at least once in this time."""
AGAIN_S: Final = 0.2
"""After so long whoever was put off comes again."""
_BINARY: Final = 0x82
_CLOSE: Final = 0x88
_P = TypeVar("_P", bound="Peer")


def candidates_hello(token: str, connect_n: int = 1) -> Hello:
    """That of her only device's connection with this number."""
    version = limits.PROTOCOL_VERSION
    return Hello(version, token, "bench/1", version, [], "device", connect_n, True, None, None)


class Peer(asyncio.Protocol):
    """A WebSocket client that says hello as soon as it may. `done` is called when it has heard what it waits for, or
    has failed."""

    path: str

    def __init__(self, seat: Seat) -> None:
        self.seat = seat
        self.failure: str | None = None
        self.done: Callable[[], None] = _nothing
        self._unread = b""
        self._transport: asyncio.Transport | None = None
        self._upgraded = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are of no type of asyncio's.
        self._transport = transport = cast("asyncio.Transport", transport)
        transport.write(handshake(self.path + self.seat.id))

    def data_received(self, data: bytes) -> None:
        unread = self._unread + data if self._unread else data
        if not self._upgraded:
            head, end, unread = unread.partition(b"\r\n\r\n")
            if not end:
                self._unread = head
                return
            if b" 101 " not in head:
                self.fail(head.decode("latin-1"))
            self._upgraded = True
            self.say(frame(self._hello(self.seat.token)))
        while len(unread) > 1:
            size, begin = unread[1], 2
            if size > 125:
                width = 2 if size == 126 else 8
                size, begin = int.from_bytes(unread[2 : 2 + width], "big"), 2 + width
            if len(unread) < begin + size:
                break
            if unread[0] == _BINARY:
                self._hear(unread[begin : begin + size])
            elif unread[0] == _CLOSE:
                self.fail(f"closed: {int.from_bytes(unread[begin : begin + 2])} {unread[begin + 2 : begin + size]!r}")
            unread = unread[begin + size :]
        self._unread = unread

    def _hello(self, token: str) -> msgspec.Struct:
        raise NotImplementedError

    def _hear(self, data: bytes) -> None:
        raise NotImplementedError

    def connection_lost(self, exc: Exception | None) -> None:
        self.fail(f"the connection has ended: {exc}")

    def say(self, framed: bytes) -> None:
        assert self._transport is not None
        self._transport.write(framed)

    def fail(self, why: str) -> None:
        self.failure = self.failure or why
        self._tell()

    @property
    def put_off(self) -> bool:
        """Whether a busy node has asked her to come again."""
        return self.failure is not None and ("overloaded" in self.failure or " 503 " in self.failure)

    def _tell(self) -> None:
        done, self.done = self.done, _nothing
        done()


class _Candidate(Peer):
    path = "/ws/attempts/"

    def __init__(self, seat: Seat) -> None:
        super().__init__(seat)
        self._awaited = (0, 1)
        """What she waits for: an acknowledgement of this number, and so many other answers."""

    def ask(self, framed: bytes, n: int, others: int, done: Callable[[], None]) -> None:
        """Says something; `done` is called after the acknowledgement of operation `n`, and so many echoes."""
        self._awaited = n, others
        self.done = done
        self.say(framed)

    def _hello(self, token: str) -> msgspec.Struct:
        return candidates_hello(token)

    def _hear(self, data: bytes) -> None:
        n, others = self._awaited
        match codec.decode_to_candidate(data):
            case Ack(acked):
                n = 0 if acked >= n else n
            case Echo() | Welcome():
                others -= 1
            case RefusedOp(_, code, detail) | Goodbye(code, detail):
                self.fail(f"{code}: {detail}")
        self._awaited = n, others
        if not n and others <= 0:
            self._tell()


class _Watcher(Peer):
    """An instructor, who gets every row and reads none."""

    path = "/ws/monitor/"

    def _hello(self, token: str) -> msgspec.Struct:
        version = limits.PROTOCOL_VERSION
        return MonitorHello(version, token, "bench/1", version, [])

    def _hear(self, data: bytes) -> None:
        self._tell()


class Seats:
    """Everybody who sits, and who watches. All of its methods raise `StageError` where the server does what it never
    should."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._candidates: list[_Candidate] = []
        self._watchers: list[_Watcher] = []

    async def come(self, seats: Sequence[Seat]) -> None:
        """They connect, and are welcome."""
        self._candidates += await self._connect([_Candidate(seat) for seat in seats], _Candidate)

    async def watch(self, seat: Seat) -> None:
        """An instructor comes, and stays."""
        self._watchers += await self._connect([_Watcher(seat)], _Watcher)

    async def _connect(self, peers: Sequence[_P], again: Callable[[Seat], _P]) -> list[_P]:
        """Who is put off by a busy node comes again."""
        door = asyncio.Semaphore(_DOOR)

        async def connect(peer: _P) -> _P:
            async with door, asyncio.timeout(_PATIENCE_S):
                while not await self._is_welcome(peer):
                    await asyncio.sleep(AGAIN_S)
                    peer = again(peer.seat)
                return peer

        return await asyncio.gather(*map(connect, peers))

    async def _is_welcome(self, peer: Peer) -> bool:
        heard = asyncio.Event()
        peer.done = heard.set
        await asyncio.get_running_loop().create_connection(lambda: peer, HOST, self._port)
        await heard.wait()
        if peer.failure is None:
            return True
        if peer.put_off:
            return False
        raise StageError(peer.failure)

    async def say(self, *messages: msgspec.Struct, n: int = 0) -> None:
        """Every candidate says this. Returns when operation `n` is acknowledged to all, and each beat echoed."""
        framed = b"".join(frame(message) for message in messages)
        beats = sum(isinstance(message, Beat) for message in messages)
        self._check()
        silent = iter(self._candidates)
        left = len(self._candidates)
        over = asyncio.Event()

        def ask_next() -> None:
            one = next(silent, None)
            if one is not None:
                one.ask(framed, n, beats, partial(done, one))

        def done(one: _Candidate) -> None:
            nonlocal left
            left -= 1
            ask_next()
            if not left or one.failure is not None:
                over.set()

        for watcher in self._watchers:
            watcher.say(frame(Beat(0)))
        for _ in range(_AT_ONCE):
            ask_next()
        while not over.is_set():
            before = left
            with suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE_S):
                    await over.wait()
            self._check()
            if left == before:
                raise StageError(f"{left:,} candidates wait in vain for an answer")
        self._check()

    def _check(self) -> None:
        for peer in (*self._candidates, *self._watchers):
            if peer.failure is not None:
                raise StageError(peer.failure)


def _nothing() -> None:
    """Nobody waits."""
