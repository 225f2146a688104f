"""What a WebSocket client sends: its handshake, and frames."""

import base64
import secrets
from typing import Final

import msgspec

from loadtest.drill.process import HOST
from protocol import codec

_BINARY: Final = 0x82
_TEXT: Final = 0x81
MAX_SMALL: Final = 125
"""Bytes of a message whose size fits into the second byte of its frame."""


def handshake(path: str) -> bytes:
    """The request of a browser, which sends more than a WebSocket needs."""
    lines = (
        f"GET {path} HTTP/1.1",
        f"Host: {HOST}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {base64.b64encode(secrets.token_bytes(16)).decode()}",
        "Accept-Encoding: gzip, deflate, br",
        "Accept-Language: en-GB,en;q=0.9",
        "Cache-Control: no-cache",
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def frame(message: msgspec.Struct) -> bytes:
    """A client's frame. Its mask is zeros, which costs us nothing, and which every server must take off as any other
    mask."""
    return masked(codec.encode(message), bytes(4))


def masked(data: bytes, mask: bytes, *, text: bool = False) -> bytes:
    """A client's frame with these data. `mask`: four bytes."""
    size = bytes((0x80 | len(data),)) if len(data) <= MAX_SMALL else b"\xfe" + len(data).to_bytes(2, "big")
    repeated = (mask * (len(data) // 4 + 1))[: len(data)]
    hidden = int.from_bytes(data, "big") ^ int.from_bytes(repeated, "big")
    return bytes((_TEXT if text else _BINARY,)) + size + mask + hidden.to_bytes(len(data), "big")
