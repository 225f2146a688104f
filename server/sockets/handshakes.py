"""The request of a WebSocket, as HTTP has read it."""

from typing import Final

from uvicorn._types import HTTPScope
from websockets.datastructures import Headers
from websockets.http11 import Request

_MOST_HEADERS: Final = 128
_MOST_BYTES: Final = 8_000
"""Of the address, or of one header. More than that `websockets` refuses."""

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


def _is_usual(text: bytes) -> bool:
    return len(text) <= _MOST_BYTES and text.isascii()
