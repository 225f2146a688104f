"""uvicorn's HTTP with the limits that it lacks: on the size of a head, and on the time in which a request must arrive.

The parser buffers a header of any length. A connection whose request never ends would occupy a place that a candidate
may need.
"""

import asyncio
from collections import Counter
from collections.abc import Container
from typing import Any, Final

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from server.pacing.turns import turns
from server.sockets.carried import CarriedWebSocket
from server.sockets.handshakes import usual_handshake
from server.sockets.straight import Straight

MAX_HEAD_BYTES: Final = 64 * 1024
"""Of one request without its body: the longest token, and what proxies and browsers add."""
_AROUND_A_HEADER: Final = len(b": \r\n")
_HEAD_S: Final = 10.0
"""From the first byte, or the opening of the connection, to the end of the head."""
_BODY_S: Final = 60.0
"""From there to the end of the body: the largest test over half a megabit a second."""
MOST_OF_ONE: Final = 8_192
"""HTTP connections of one peer: a thousand browsers behind one address, with six each."""
_NO_ROOM: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
)
_TOO_LARGE: Final = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class Doors:
    """Counts each peer's HTTP connections that are not WebSockets yet. `trusted`: proxies in front, which carry many
    people and have limits of their own."""

    def __init__(self, most: int, trusted: Container[str]) -> None:
        """`most`: limit of all peers together. One peer may have a quarter of it, and at most `MOST_OF_ONE`."""
        self._most = most
        self._most_of_one = min(MOST_OF_ONE, max(1, most // 4))
        self._trusted = trusted
        self._open: Counter[str] = Counter()
        self._opens = 0

    def enter(self, peer: str) -> bool:
        """Whether a further connection may stay; if so, `leave` must be called once."""
        within = peer in self._trusted or self._open[peer] < self._most_of_one
        if not within or self._opens >= self._most:
            return False
        self._open[peer] += 1
        self._opens += 1
        return True

    def leave(self, peer: str) -> None:
        """The connection has ended, or has become a socket."""
        self._opens -= 1
        self._open[peer] -= 1
        if not self._open[peer]:
            del self._open[peer]


class LimitedHttp(HttpToolsProtocol):
    """See above."""

    def __init__(self, *arguments: Any, doors: Doors, straight: Straight, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._doors = doors
        self._straight = straight
        self._peer: str | None = None
        self._overhead = 0
        self._head_bytes = 0
        self._refused = False
        self._in_body = False
        self._overdue: asyncio.TimerHandle | None = None
        self._running: RequestResponseCycle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A peer has connected. Closes the connection if there is no room."""
        super().connection_made(transport)
        peer = self.client[0] if self.client is not None else ""
        if self._doors.enter(peer):
            self._peer = peer
            self._expect(_HEAD_S)
        else:
            transport.write(_NO_ROOM)
            transport.close()

    def handle_websocket_upgrade(self) -> None:
        """Upgrades to a WebSocket when its turn has come; never in the middle of a reply to an earlier request."""
        if self._refused:
            return
        if self._running is not None and not self._running.response_complete:
            self._refused = True
            self.transport.close()
            return
        self._forget()
        self.transport.pause_reading()
        turns().next(self._upgrade)

    def _upgrade(self) -> None:
        if self._peer is None or self.transport.is_closing():
            return
        request = usual_handshake(self.scope, self.url)
        kind = self.ws_protocol_class
        if request is not None and kind is not None and issubclass(kind, CarriedWebSocket):
            self.connections.discard(self)
            socket = kind(self.config, self.server_state, self.app_state)
            socket.connection_made(self.transport)
            self.transport.set_protocol(socket)
            if not self._straight.take(socket, request, self.scope):
                socket.handle_connect(request)
        else:
            super().handle_websocket_upgrade()
        if not self.transport.is_closing():
            self.transport.resume_reading()
        self._leave()
        # The parser has methods of this one: what refers to each other stays until garbage is looked for.
        self.parser = None  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """A piece of a request, or several requests."""
        if self._refused:
            return
        if self._overdue is None:
            self._expect(_HEAD_S)
        self._overhead += len(data)
        super().data_received(data)
        if self._overhead > MAX_HEAD_BYTES and not self.transport.is_closing():
            self._refuse_head()

    def _refuse_head(self) -> None:
        self._refused = True
        if self.cycle is None or self.cycle.response_complete:  # type: ignore[redundant-expr]
            self.transport.write(_TOO_LARGE)
        self.transport.close()

    def on_message_begin(self) -> None:
        """A new request begins."""
        self._head_bytes = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """A part of the URL."""
        self._head_bytes += len(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header."""
        self._head_bytes += len(name) + len(value) + _AROUND_A_HEADER
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is complete. A head that arrived in one read is checked here, because the parser reports its end
        first."""
        if self._head_bytes > MAX_HEAD_BYTES:
            self._refuse_head()
        if self._refused:
            return
        self._in_body = True
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of the body. The endpoint limits its size."""
        self._overhead -= len(body)
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is complete."""
        self._forget()
        if not self._refused:
            super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended."""
        self._forget()
        self._leave()
        running = self._running
        if running is not None and not running.response_complete:
            # Of several requests uvicorn tells the newest alone, and the one under way would be written to.
            running.disconnected = True
            running.message_event.set()
        super().connection_lost(exc)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def _leave(self) -> None:
        if self._peer is not None:
            self._doors.leave(self._peer)
            self._peer = None

    def _expect(self, within_s: float) -> None:
        self._overdue = self.loop.call_later(within_s, self._give_up)

    def _forget(self) -> None:
        self._overhead = 0
        self._in_body = False
        if self._overdue is not None:
            self._overdue.cancel()
            self._overdue = None

    def _give_up(self) -> None:
        if self._in_body:
            self._in_body = False
            self._expect(_BODY_S)
        else:
            self.transport.abort()
