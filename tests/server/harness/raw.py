"""A peer that writes any bytes: valid and invalid frames, and requests that never end."""

import asyncio
import base64
import os
import struct
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, NamedTuple, Self
from urllib.parse import urlsplit

import msgpack  # type: ignore[import-untyped]

from tests.server.harness.running import RunningServer
from tests.services.patience import PATIENCE_S

CONT, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
KEY: Final = b"\x12\x34\x56\x78"


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
    """One frame from a client, valid or not. `length` is the claimed length; `wide` writes it in eight bytes even if it
    is short."""
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
    """A TCP connection. `head` is what the server answered to a handshake."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.head = ""

    @classmethod
    async def open(cls, server: RunningServer) -> Self:
        """Connected, and nothing said yet."""
        return cls(*await asyncio.open_connection(server.settings.host, server.settings.port))

    @classmethod
    async def upgrade(cls, server: RunningServer, path: str, *headers: str, method: str = "GET") -> Self:
        """Asked for a WebSocket; `head` tells what came of it."""
        raw = await cls.open(server)
        await raw.send(handshake(server, path, *headers, method=method))
        async with asyncio.timeout(PATIENCE_S):
            raw.head = (await raw.reader.readuntil(b"\r\n\r\n")).decode()
        return raw

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
        return (await self.rest())[1]

    async def rest(self, until: Callable[[Heard], bool] = lambda heard: False) -> tuple[list[Heard], int | None]:
        """Everything that still comes, up to one frame or to the end, and the code with which the server closes."""
        heard: list[Heard] = []
        code: int | None = None
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while not heard or not until(heard[-1]):
                heard.append(await self.next())
                if heard[-1].opcode == CLOSE:
                    code = struct.unpack(">H", heard[-1].payload[:2])[0] if heard[-1].payload else 1005
        return heard, code

    async def gone(self) -> bytes:
        """The bytes until the server ends the connection."""
        said = b""
        with suppress(ConnectionError):
            async with asyncio.timeout(PATIENCE_S):
                while piece := await self.reader.read(65_536):
                    said += piece
        return said

    def close(self) -> None:
        self.writer.close()


def handshake(server: RunningServer, path: str, *headers: str, method: str = "GET") -> bytes:
    """The request that asks for a WebSocket."""
    lines = [
        f"{method} {path} HTTP/1.1",
        f"Host: {urlsplit(server.settings.url).netloc}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        "Sec-WebSocket-Version: 13",
        *headers,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
