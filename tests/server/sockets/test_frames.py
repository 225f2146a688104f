"""Bad frames, byte by byte: the server closes or refuses, stays up, and a neighbour is served."""

import asyncio
import base64
import os
import struct
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import msgpack  # type: ignore[import-untyped]
import pytest

from protocol import limits
from protocol.codes import Close
from server.sockets.frames import MAX_FRAGMENTS
from tests.server.harness.running import RunningServer
from tests.server.harness.socket import PATIENCE_S, Socket, pack

CONT, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
KEY: Final = b"\x12\x34\x56\x78"

PROTOCOL_ERROR, BAD_DATA, TOO_BIG = 1002, 1007, 1009


def frame(
    opcode: int,
    payload: bytes = b"",
    *,
    fin: bool = True,
    reserved: int = 0,
    masked: bool = True,
    length: int | None = None,
    wide: bool = False,
) -> bytes:
    """One frame from a client, right or wrong. `length` is what it claims; `wide`: in eight bytes, whatever it is."""
    length = len(payload) if length is None else length
    mask = 0x80 if masked else 0
    if length < 126 and not wide:
        size = bytes([mask | length])
    elif length < 65_536 and not wide:
        size = bytes([mask | 126]) + struct.pack(">H", length)
    else:
        size = bytes([mask | 127]) + struct.pack(">Q", length)
    body = bytes(byte ^ KEY[i % 4] for i, byte in enumerate(payload)) if masked else payload
    return bytes([(0x80 if fin else 0) | reserved << 4 | opcode]) + size + (KEY if masked else b"") + body


class Heard(NamedTuple):
    """A frame from the server."""

    opcode: int
    payload: bytes


class Raw:
    """A connection that writes whatever it is told to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: str) -> None:
        self.reader = reader
        self.writer = writer
        self.head = head

    async def send(self, data: bytes) -> None:
        with suppress(ConnectionError):
            self.writer.write(data)
            await self.writer.drain()

    async def next(self) -> Heard:
        """Raises `IncompleteReadError` or `ConnectionError` at the end."""
        async with asyncio.timeout(PATIENCE_S):
            first, size = await self.reader.readexactly(2)
            assert first & 0xF0 == 0x80, "the server does not fragment, and uses no extension"
            assert size < 0x80, "the server does not mask"
            length = size
            if size == 126:
                (length,) = struct.unpack(">H", await self.reader.readexactly(2))
            elif size == 127:
                (length,) = struct.unpack(">Q", await self.reader.readexactly(8))
            return Heard(first & 0x0F, await self.reader.readexactly(length))

    async def message(self, tag: str) -> dict[str, Any]:
        while True:
            heard = await self.next()
            if heard.opcode == BINARY and (message := msgpack.unpackb(heard.payload))["t"] == tag:
                assert isinstance(message, dict)
                return message

    async def end(self) -> int | None:
        """The code with which the server closes, and the end of the connection; None: cut off without one."""
        code: int | None = None
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                heard = await self.next()
                if heard.opcode == CLOSE:
                    (code,) = struct.unpack(">H", heard.payload[:2])
        return code


async def connect(server: RunningServer, path: str, *headers: str) -> Raw:
    parts = urlsplit(server.settings.url)
    assert parts.hostname is not None
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {parts.netloc}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        "Sec-WebSocket-Version: 13",
        *headers,
    ]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    async with asyncio.timeout(PATIENCE_S):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
    return Raw(reader, writer, head)


class Scene(NamedTuple):
    """Somebody who has said hello on a raw connection, and her neighbour."""

    server: RunningServer
    raw: Raw
    attempt_id: str
    neighbour: Socket


@pytest.fixture
async def scene(server: RunningServer) -> AsyncIterator[Scene]:
    attempt_id = await server.started()
    neighbour = await server.sit(await server.started("bob"), "bob")
    raw = await connect(server, f"/ws/attempts/{attempt_id}")
    await raw.send(frame(BINARY, hello(server)))
    await raw.message("welcome")
    yield Scene(server, raw, attempt_id, neighbour)
    raw.writer.close()
    await neighbour.close()


def hello(server: RunningServer) -> bytes:
    return pack("hello", protocol=1, token=server.token(), client="raw/1")


def answer(n: int) -> bytes:
    return pack("answer", n=n, question_id="single", value="b", client_at_ms=1)


async def everything_works(scene: Scene) -> None:
    """The neighbour is served, and whoever did wrong may come back and go on."""
    await scene.neighbour.raw(answer(1))
    assert (await scene.neighbour.until("ack"))["n"] == 1
    async with await scene.server.sit(scene.attempt_id) as again:
        await again.raw(answer(50))
        assert (await again.until("ack"))["n"] == 50


BAD_FRAMES: Final = {
    "not masked": (frame(BINARY, answer(1), masked=False), PROTOCOL_ERROR),
    "the first reserved bit, as a compressed message has it": (frame(BINARY, answer(1), reserved=4), PROTOCOL_ERROR),
    "the second reserved bit": (frame(BINARY, answer(1), reserved=2), PROTOCOL_ERROR),
    "the third reserved bit": (frame(BINARY, answer(1), reserved=1), PROTOCOL_ERROR),
    "a reserved bit of a ping": (frame(PING, reserved=4), PROTOCOL_ERROR),
    "opcode 3": (frame(3, b"x"), PROTOCOL_ERROR),
    "opcode 7": (frame(7, b"x"), PROTOCOL_ERROR),
    "opcode 11": (frame(11, b"x"), PROTOCOL_ERROR),
    "opcode 15": (frame(15, b"x"), PROTOCOL_ERROR),
    "a ping in pieces": (frame(PING, b"x", fin=False), PROTOCOL_ERROR),
    "a ping that is too long": (frame(PING, bytes(126)), PROTOCOL_ERROR),
    "a pong that is too long": (frame(PONG, bytes(126)), PROTOCOL_ERROR),
    "a close that is too long": (frame(CLOSE, struct.pack(">H", 1000) + b"x" * 124), PROTOCOL_ERROR),
    "a continuation of nothing": (frame(CONT, b"x"), PROTOCOL_ERROR),
    "a message within a message": (frame(BINARY, b"x", fin=False) + frame(BINARY, b"x"), PROTOCOL_ERROR),
    "a close of one byte": (frame(CLOSE, b"\x03"), PROTOCOL_ERROR),
    "a close with a code that nobody may send": (frame(CLOSE, struct.pack(">H", 1005)), PROTOCOL_ERROR),
    "a close with a code that does not exist": (frame(CLOSE, struct.pack(">H", 999)), PROTOCOL_ERROR),
    "a close whose reason is no UTF-8": (frame(CLOSE, struct.pack(">H", 1000) + b"\xc3\x28"), BAD_DATA),
    "a text that is no UTF-8": (frame(TEXT, b"\xc3\x28"), BAD_DATA),
    "a text of surrogates": (frame(TEXT, b"\xed\xa0\x80"), BAD_DATA),
    "a length of more than 63 bits": (frame(BINARY, b"x", length=2**63 + 1), None),
    "a length of a terabyte": (frame(BINARY, b"x", length=2**40), TOO_BIG),
    "a message that is too big": (frame(BINARY, bytes(limits.MAX_FRAME_BYTES + 1)), TOO_BIG),
    "pieces that are too big together": (
        frame(BINARY, bytes(40_000), fin=False) + frame(CONT, bytes(40_000)),
        TOO_BIG,
    ),
}


@pytest.mark.parametrize("name", BAD_FRAMES)
async def test_a_bad_frame_ends_its_own_connection_and_no_other(scene: Scene, name: str) -> None:
    data, code = BAD_FRAMES[name]
    await scene.raw.send(data)
    ended_with = await scene.raw.end()
    assert ended_with in ((code,) if code is not None else (PROTOCOL_ERROR, TOO_BIG))
    await everything_works(scene)


@pytest.mark.parametrize("name", ["not masked", "opcode 3", "a length of a terabyte", "a text that is no UTF-8"])
async def test_nobody_in_particular_gets_no_further(server: RunningServer, name: str) -> None:
    """The same before a hello."""
    attempt_id = await server.started()
    raw = await connect(server, f"/ws/attempts/{attempt_id}")
    data, code = BAD_FRAMES[name]
    await raw.send(data)
    assert await raw.end() == code
    raw.writer.close()
    await (await server.sit(attempt_id)).close()


async def test_a_length_in_more_bytes_than_it_needs_is_read(scene: Scene) -> None:
    await scene.raw.send(frame(BINARY, answer(1), wide=True))
    assert (await scene.raw.message("ack"))["n"] == 1


async def test_a_message_in_pieces_with_a_ping_in_between_is_one_message(scene: Scene) -> None:
    data = answer(1)
    await scene.raw.send(frame(BINARY, data[:5], fin=False))
    await scene.raw.send(frame(PING, b"there?"))
    assert await scene.raw.next() == Heard(PONG, b"there?")
    await scene.raw.send(frame(CONT, data[5:9], fin=False) + frame(CONT, b"", fin=False) + frame(CONT, data[9:]))
    assert (await scene.raw.message("ack"))["n"] == 1


async def test_a_message_byte_by_byte_is_one_message(scene: Scene) -> None:
    for byte in frame(BINARY, answer(1)):
        await scene.raw.send(bytes([byte]))
        await asyncio.sleep(0)
    assert (await scene.raw.message("ack"))["n"] == 1


async def test_pieces_without_an_end_are_too_many_in_the_end(scene: Scene) -> None:
    await scene.raw.send(frame(BINARY, b"", fin=False) + frame(CONT, b"", fin=False) * MAX_FRAGMENTS * 4)
    assert await scene.raw.end() == Close.FLOOD
    await everything_works(scene)


async def test_pings_without_an_end_are_too_many_in_the_end(scene: Scene) -> None:
    """Whoever never reads the pongs would fill the server's memory with them."""
    sending = asyncio.create_task(scene.raw.send(frame(PING, bytes(125)) * 20_000))
    assert await scene.raw.end() in (Close.FLOOD, None)
    await sending
    await everything_works(scene)


async def test_pongs_that_nobody_asked_for_are_ignored(scene: Scene) -> None:
    await scene.raw.send(frame(PONG, b"unasked") * 1_000)
    await scene.raw.send(frame(BINARY, answer(1)))
    assert (await scene.raw.message("ack"))["n"] == 1


async def test_half_a_frame_and_then_silence_is_given_up(scene: Scene) -> None:
    await scene.raw.send(frame(BINARY, answer(1), length=60_000))
    await scene.server.advance((limits.MISSED_BEATS + 2) * scene.server.settings.heartbeat_ms)
    assert await scene.raw.end() == Close.HEARTBEAT_LOST
    async with await scene.server.sit(scene.attempt_id) as again:
        await again.raw(answer(1))
        assert (await again.until("ack"))["n"] == 1


async def test_a_text_message_is_refused_by_name_and_the_connection_goes_on(scene: Scene) -> None:
    await scene.raw.send(frame(TEXT, "größer".encode()))
    assert (await scene.raw.message("refused"))["code"] == "malformed"
    await scene.raw.send(frame(BINARY, answer(1)))
    assert (await scene.raw.message("ack"))["n"] == 1


async def test_compression_is_not_agreed_to(server: RunningServer) -> None:
    """A small message that unpacks to a huge one needs an extension that this server does not have."""
    attempt_id = await server.started()
    raw = await connect(
        server, f"/ws/attempts/{attempt_id}", "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"
    )
    assert raw.head.startswith("HTTP/1.1 101 ")
    assert "sec-websocket-extensions" not in raw.head.lower()
    raw.writer.close()


async def test_a_handshake_that_never_ends_keeps_nobody_out(server: RunningServer) -> None:
    parts = urlsplit(server.settings.url)
    attempt_id = await server.started()
    ends = [await asyncio.open_connection(parts.hostname, parts.port) for _ in range(50)]
    for _, writer in ends:
        writer.write(b"GET /ws/attempts/x HTTP/1.1\r\nHost: ")
    async with await server.sit(attempt_id) as socket:
        await socket.raw(answer(1))
        assert (await socket.until("ack"))["n"] == 1
    for _, writer in ends:
        writer.close()
