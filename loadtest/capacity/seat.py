"""A candidate as cheap as possible: a socket, numbered answers, and the time of each acknowledgement.

The reference client would use more CPU than the measured server, and only the bytes on the wire matter here.
"""

import socket
import time
from collections import deque
from typing import Any, Final

import aiohttp
import msgpack  # type: ignore[import-untyped]

from loadtest.latency import Latency
from protocol import limits

QUESTIONS: Final = 40
OPTIONS: Final = ("a", "b", "c", "d")
_MAX_MESSAGE: Final = 1 << 20


class SeatError(Exception):
    """The server sent something that a correct candidate never gets."""


class Seat:
    """`acks` takes the milliseconds from each sending to its acknowledgement."""

    def __init__(self, url: str, attempt_id: str, token: str, acks: Latency) -> None:
        self._url = f"{url}/ws/attempts/{attempt_id}"
        self._token = token
        self._connects = 0
        self.acks = acks
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._unanswered: deque[tuple[int, float]] = deque()
        self._n = 0
        self.answered = 0
        """Acknowledged operations."""

    @property
    def unanswered(self) -> int:
        """Operations that are under way."""
        return len(self._unanswered)

    async def open(self, http: aiohttp.ClientSession) -> None:
        """Returns when it is welcome. Raises `SeatError`."""
        self._socket = await http.ws_connect(self._url, compress=0, autoping=False, max_msg_size=_MAX_MESSAGE)
        await self._socket.send_bytes(self._hello())
        first = msgpack.unpackb(await self._socket.receive_bytes())
        if first["t"] != "welcome":
            raise SeatError(f"instead of a welcome: {first['t']} {first.get('code', '')}")
        # Operations under way when a connection is lost are not measured; the next numbers follow theirs.
        self._unanswered.clear()
        self._n = max(self._n, first["last_n"])

    def _hello(self) -> bytes:
        """The first one takes the attempt; the others only come back."""
        self._connects += 1
        hello = {"t": "hello", "protocol": limits.PROTOCOL_VERSION, "token": self._token, "client": "capacity/1"}
        hello |= {"device": "seat", "connect_n": self._connects, "takeover": self._connects == 1}
        hello |= {
            "oldest_protocol": limits.OLDEST_PROTOCOL_VERSION,
            "capabilities": [],
            "seen_seq": None,
            "seen_head": None,
        }
        data: bytes = msgpack.packb(hello)
        return data

    async def listen(self) -> None:
        """Takes what comes until the connection ends. Raises `SeatError`."""
        assert self._socket is not None
        async for message in self._socket:
            if message.type is not aiohttp.WSMsgType.BINARY:
                continue
            said = msgpack.unpackb(message.data)
            if said["t"] == "ack":
                self._note(said["n"])
            elif said["t"] == "refused":
                raise SeatError(f"refused: {said['code']}")

    async def start(self) -> None:
        await self._ask({"t": "start", "access_code": None, "client_at_ms": 0})

    async def answer(self, choice: int) -> None:
        await self._ask(
            {
                "t": "answer",
                "question_id": f"q{choice % QUESTIONS + 1}",
                "value": OPTIONS[choice % len(OPTIONS)],
                "position": None,
                "client_at_ms": 0,
            }
        )

    async def beat(self) -> None:
        assert self._socket is not None
        await self._socket.send_bytes(msgpack.packb({"t": "beat", "t0_ms": 0}))

    async def close(self) -> None:
        if self._socket is not None:
            await self._socket.close()

    def cut(self) -> None:
        """Ends the connection without a word."""
        if self._socket is not None and (open_one := self._socket.get_extra_info("socket")) is not None:
            # The loop's socket object is read-only; shut down a duplicate of it.
            with socket.fromfd(open_one.fileno(), socket.AF_INET, socket.SOCK_STREAM) as copy:
                copy.shutdown(socket.SHUT_RDWR)

    async def _ask(self, fields: dict[str, Any]) -> None:
        assert self._socket is not None
        self._n += 1
        self._unanswered.append((self._n, time.monotonic()))
        await self._socket.send_bytes(msgpack.packb(fields | {"n": self._n}))

    def _note(self, n: int) -> None:
        now_s = time.monotonic()
        while self._unanswered and self._unanswered[0][0] <= n:
            _, sent_s = self._unanswered.popleft()
            self.acks.add((now_s - sent_s) * 1_000)
            self.answered += 1
