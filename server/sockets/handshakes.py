"""The request of a WebSocket, as HTTP has read it, and what lets it in."""

from binascii import Error, a2b_base64, b2a_base64
from hashlib import sha1
from typing import Final

from uvicorn._types import HTTPScope
from websockets.datastructures import Headers
from websockets.http11 import Request

_MOST_HEADERS: Final = 128
_MOST_BYTES: Final = 8_000
"""Of the address, or of one header. More than that `websockets` refuses."""

_KEY_CHARS: Final = 24
_KEY_BYTES: Final = 16
_UPGRADES: Final = ("upgrade", "keep-alive, upgrade")
_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""Of RFC 6455, 4.2.2."""
_SWITCHED: Final = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n"
)
_OF_A_BODY: Final = (b"content-length", b"transfer-encoding")


def usual_handshake(scope: HTTPScope, url: bytes) -> Request | None:
    """The request in the form of `websockets`, which so need not parse it once more: that was a tenth of a millisecond.
    None: an unusual one, which it parses, and refuses."""
    headers = scope["headers"]
    if scope["method"] != "GET" or scope["http_version"] != "1.1" or not _is_usual(url):
        return None
    named = Headers()
    count = 0
    for name, value in headers:
        if name in _OF_A_BODY or not _is_usual(name + value):
            return None
        named[name.decode("ascii")] = value.decode("ascii")
        count += 1
    return Request(url.decode("ascii"), named) if count <= _MOST_HEADERS else None


def usual_answer(headers: Headers) -> bytes | None:
    """What lets a usual request in, where there are neither extensions nor subprotocols to choose from. None: an
    unusual one, on which `websockets` decides."""
    given = headers.get_all
    key = given("Sec-WebSocket-Key")
    if (
        len(key) != 1
        or not _is_key(key[0])
        or given("Sec-WebSocket-Version") != ["13"]
        or [value.lower() for value in given("Upgrade")] != ["websocket"]
        or ", ".join(given("Connection")).lower() not in _UPGRADES
        or len(given("Origin")) > 1
        or "Sec-WebSocket-Protocol" in headers
    ):
        return None
    return _SWITCHED % b2a_base64(sha1(key[0].encode() + _GUID, usedforsecurity=False).digest(), newline=False)


def _is_key(text: str) -> bool:
    try:
        return len(text) == _KEY_CHARS and len(a2b_base64(text, strict_mode=True)) == _KEY_BYTES
    except Error:
        return False


def _is_usual(text: bytes) -> bool:
    return len(text) <= _MOST_BYTES and text.isascii()
