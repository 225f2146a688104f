"""The request of a WebSocket is read once."""

from typing import Any, cast

import pytest
from uvicorn._types import HTTPScope
from websockets.datastructures import Headers
from websockets.http11 import Request
from websockets.server import ServerProtocol

from server.sockets.handshakes import usual_answer, usual_handshake

URL = b"/ws/attempts/a?b=%20"
HEADERS = [
    (b"host", b"127.0.0.1"),
    (b"connection", b"keep-alive, Upgrade"),
    (b"upgrade", b"websocket"),
    (b"sec-websocket-version", b"13"),
    (b"sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZQ=="),
    (b"cookie", b"one"),
    (b"cookie", b"two"),
]


def scope(**changes: Any) -> HTTPScope:
    return cast("HTTPScope", {"method": "GET", "http_version": "1.1", "headers": HEADERS} | changes)


def parsed() -> Request:
    protocol = ServerProtocol()
    protocol.receive_data(b"GET " + URL + b" HTTP/1.1\r\n" + b"".join(b"%b: %b\r\n" % one for one in HEADERS) + b"\r\n")
    (request,) = protocol.events_received()
    assert isinstance(request, Request)
    return request


def test_it_is_what_websockets_would_read() -> None:
    request = usual_handshake(scope(), URL)
    assert request == parsed()
    assert request is not None
    assert list(request.headers.raw_items()) == list(parsed().headers.raw_items())
    assert ServerProtocol().accept(request).status_code == 101


@pytest.mark.parametrize(
    ("changes", "url"),
    [
        ({"method": "POST"}, URL),
        ({"http_version": "1.0"}, URL),
        ({}, b"/ws/attempts/\xc3\xa4"),
        ({"headers": [*HEADERS, (b"cookie", b"\xe4")]}, URL),
        ({"headers": [*HEADERS, (b"content-length", b"0")]}, URL),
        ({"headers": [*HEADERS, (b"transfer-encoding", b"chunked")]}, URL),
        ({"headers": HEADERS * 19}, URL),
        ({"headers": [*HEADERS, (b"cookie", b"x" * 8_192)]}, URL),
        ({}, b"/" * 8_192),
    ],
)
def test_an_unusual_one_is_left_to_websockets(changes: dict[str, Any], url: bytes) -> None:
    assert usual_handshake(scope(**changes), url) is None


def test_what_lets_a_usual_one_in_is_what_websockets_would_say() -> None:
    request = parsed()
    said = ServerProtocol().accept(request)
    del said.headers["Date"]
    assert usual_answer(request.headers) == said.serialize()


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("Connection", []),
        ("Connection", ["close"]),
        ("Upgrade", []),
        ("Upgrade", ["h2c"]),
        ("Upgrade", ["websocket", "websocket"]),
        ("Sec-WebSocket-Version", []),
        ("Sec-WebSocket-Version", ["8"]),
        ("Sec-WebSocket-Version", ["13", "13"]),
        ("Sec-WebSocket-Key", []),
        ("Sec-WebSocket-Key", ["dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ=="]),
        ("Sec-WebSocket-Key", ["dGhlIHNhbXBsZSBub25jZT09"]),
        ("Sec-WebSocket-Key", ["dGhlIHNhbXBsZSBub25jZQ"]),
        ("Sec-WebSocket-Key", ["dGhl*HNhbXBsZSBub25jZQ=="]),
        ("Origin", ["http://a.example", "http://b.example"]),
        ("Sec-WebSocket-Protocol", ["chat"]),
    ],
)
def test_who_is_let_in_unusually_is_left_to_websockets(name: str, values: list[str]) -> None:
    headers = Headers((key, value) for key, value in parsed().headers.raw_items() if key.lower() != name.lower())
    for value in values:
        headers[name] = value
    assert usual_answer(headers) is None
