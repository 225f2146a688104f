"""Somebody with all rights at Redis: on the way from it to the nodes messages are forged, replayed, put into another
order and withheld. It knows how messages are built, and has seen all that were sent; the key it does not have.
"""

import asyncio
import random
import struct
import time
from collections import deque
from contextlib import suppress
from hashlib import blake2b
from types import TracebackType
from typing import Any, Final, Self

import hiredis
import msgpack  # type: ignore[import-untyped]

from loadtest.drill.process import HOST
from loadtest.listening import stop_listening
from loadtest.ports import free_port

_CHUNK: Final = 65_536
_KEPT: Final = 3_000
_CODE: Final = 16
_HEAD: Final = struct.Struct(">8sQQ")
"""Sender, milliseconds since 1970, number: what follows the authentication code of a message."""
_WITHHELD: Final = 0.25
_HELD_BACK: Final = 0.15
_HELD_BACK_S: Final = 3.0
_FORGED_EVERY_S: Final = 0.01
_FLOOD: Final = 5_000
_MESSAGES: Final = (b"message", b"smessage")

Message = tuple[bytes, bytes]
"""Channel and data."""


class Meddler:
    """`async with Meddler(redis_port, chance)`; nodes reach their Redis at `port`."""

    def __init__(self, redis_port: int, chance: random.Random) -> None:
        self.port = free_port()
        self.hostile = False
        self.forged = 0
        """Messages that nodes were sent and nobody has said."""
        self._redis_port = redis_port
        self._chance = chance
        self._seen: deque[Message] = deque(maxlen=_KEPT)
        self._listeners: dict[asyncio.StreamWriter, set[bytes]] = {}
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def url(self) -> str:
        """For the server."""
        return f"redis://{HOST}:{self.port}/0"

    async def meddle(self, seconds: float) -> None:
        """For so long; in the middle of it comes a flood."""
        self.hostile = True
        try:
            until_s = time.monotonic() + seconds
            flood_s = time.monotonic() + seconds / 2
            while time.monotonic() < until_s:
                for writer, channels in list(self._listeners.items()):
                    self._tell(writer, channels)
                if flood_s < time.monotonic():
                    flood_s = until_s
                    self._flood()
                await asyncio.sleep(_FORGED_EVERY_S)
        finally:
            self.hostile = False

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, HOST, self.port)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        await stop_listening(self._server)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # ── what nobody has said ───────────────────────────────────────────────────────────────────────────────────

    def _tell(self, writer: asyncio.StreamWriter, channels: set[bytes]) -> None:
        """One lie for one listener: the channels are the ones that it listens to."""
        if not channels or not self._seen:
            return
        channel, data = self._chance.choice(self._seen)
        elsewhere = self._chance.choice(sorted(channels))
        lies: tuple[Message, ...] = (
            (channel, data),
            (elsewhere, data),
            (elsewhere, self._chance.randbytes(self._chance.randrange(200))),
            (channel, _with_bit_changed(data, self._chance)),
            (channel, data[: self._chance.randrange(len(data) + 1)]),
            (channel, self._as_newer(data)),
            (channel, self._as_if_true(channel, data)),
            # As it was sent before there were authentication codes.
            (channel, data[_CODE : _CODE + 8] + _lie(_said(data), self._chance)),
            (channel, _lie(_said(data), self._chance)),
        )
        self._send(writer, self._chance.choice(lies))

    def _as_newer(self, data: bytes) -> bytes:
        """What was said, with a head that would make it the newest of its sender."""
        sender, _, number = _HEAD.unpack_from(data.ljust(_CODE + _HEAD.size, b"\0"), _CODE)
        head = _HEAD.pack(sender, time.time_ns() // 1_000_000, number + self._chance.randrange(1, 1_000))
        return data[:_CODE] + head + _said(data)

    def _as_if_true(self, channel: bytes, data: bytes) -> bytes:
        """A lie, sealed as a node would, with a key that is not theirs."""
        body = self._as_newer(data)[_CODE : _CODE + _HEAD.size] + _lie(_said(data), self._chance)
        key = self._chance.choice([b"", b"pencilsdown relay 1", bytes(32)])
        return blake2b(struct.pack(">I", len(channel)) + channel + body, key=key, digest_size=_CODE).digest() + body

    def _flood(self) -> None:
        for writer, channels in list(self._listeners.items()):
            for channel in self._chance.sample(sorted(channels), min(1, len(channels))):
                for _ in range(_FLOOD):
                    self._send(writer, (channel, b"a flood"))

    def _send(self, writer: asyncio.StreamWriter, message: Message) -> None:
        self.forged += 1
        channel, data = message
        kind = b"message"
        writer.write(_encode([kind, channel, data]))

    # ── what somebody has said ─────────────────────────────────────────────────────────────────────────────────

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        far_writer = None
        try:
            far_reader, far_writer = await asyncio.open_connection(HOST, self._redis_port)
            ways = [
                asyncio.create_task(_carry(reader, far_writer)),
                asyncio.create_task(self._carry_back(far_reader, writer)),
            ]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
        except OSError:
            """Redis has gone."""
        except asyncio.CancelledError:
            """As the proxy in front of the nodes: it is over."""
        finally:
            self._listeners.pop(writer, None)
            writer.transport.abort()
            if far_writer is not None:
                far_writer.transport.abort()

    async def _carry_back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        parser = hiredis.Reader()
        while data := await reader.read(_CHUNK):
            parser.feed(data)
            while (reply := parser.gets()) is not False:
                self._pass_on(reply, writer)
            await writer.drain()

    def _pass_on(self, reply: Any, writer: asyncio.StreamWriter) -> None:
        if not isinstance(reply, list) or len(reply) != 3 or reply[0] not in _MESSAGES:
            if isinstance(reply, list) and len(reply) == 3 and reply[0] == b"subscribe":
                self._listeners.setdefault(writer, set()).add(reply[1])
            writer.write(_encode(reply))
            return
        self._seen.append((reply[1], reply[2]))
        fate = self._chance.random() if self.hostile else 1.0
        if fate < _WITHHELD:
            return
        if fate < _WITHHELD + _HELD_BACK:
            delay_s = self._chance.uniform(0, _HELD_BACK_S)
            asyncio.get_running_loop().call_later(delay_s, _write_if_open, writer, _encode(reply))
            return
        writer.write(_encode(reply))


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(_CHUNK):
        writer.write(data)
        await writer.drain()


def _write_if_open(writer: asyncio.StreamWriter, data: bytes) -> None:
    if not writer.is_closing():
        with suppress(OSError):
            writer.write(data)


def _said(data: bytes) -> bytes:
    return data[_CODE + _HEAD.size :]


def _with_bit_changed(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data or b"\0")
    changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _lie(said: bytes, chance: random.Random) -> bytes:
    """The same kind of message, and nothing in it is true."""
    try:
        message = msgpack.unpackb(said)
    except (ValueError, msgpack.exceptions.UnpackException):
        return said
    if not isinstance(message, dict):
        return said
    if message.get("t") == "executed":
        message["seq"] += chance.choice([0, 1, 1_000_000])
        message["head"] = chance.randbytes(32)
    elif message.get("t") == "batch":
        message["number"] += chance.choice([-5, 0, 1, 1_000])
        for row in message["rows"]:
            row |= {"seq": row["seq"] + chance.choice([0, 1_000]), "tick": row["tick"] + 1_000_000_000}
            row |= {"answered": 99, "status": "completed", "score_mpt": 99_000, "connection": "offline"}
    return bytes(msgpack.packb(message))


def _encode(reply: Any) -> bytes:
    """In RESP 2; what came as a simple text goes as a bulk."""
    if isinstance(reply, list):
        return b"*%d\r\n" % len(reply) + b"".join(map(_encode, reply))
    if isinstance(reply, int):
        return b":%d\r\n" % reply
    if reply is None:
        return b"$-1\r\n"
    if isinstance(reply, Exception):
        return b"-%s\r\n" % str(reply).encode()
    return b"$%d\r\n%s\r\n" % (len(reply), reply)
