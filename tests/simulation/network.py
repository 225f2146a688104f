"""Wires between devices and nodes: frames in order within one wire, and anything else between wires.

A wire carries one WebSocket into a node's real ASGI application. It may be slow, stand still (and go on), break with
both ends told, or break with one end or neither told.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from random import Random
from typing import Any, Final, Protocol

import msgspec

from protocol.rest.body import DEVICE_HEADER
from tests.simulation.loop import NOBODY, Condition, Process

ABNORMAL: Final = 1006
_WINDOW_BYTES: Final = 64 * 1024
"""What a peer's kernel takes although the peer reads nothing."""
_CONNECT_TIMEOUT_S: Final = 10.0

App = Callable[[dict[str, Any], Callable[[], Any], Callable[[dict[str, Any]], Any]], Any]


class Place(Protocol):
    """A node, as the network knows it."""

    process: Process
    app: App


class Signal(msgspec.Struct):
    """How one device's connection to the world is: shared by its wires."""

    offline: bool = False
    still: bool = False
    slow_s: float = 0.05


class Listener(Protocol):
    """The client's end of a wire."""

    def opened(self) -> None: ...
    def arrived(self, data: bytes) -> None: ...
    def closed(self, code: int, reason: str) -> None: ...


class Wire:
    """One WebSocket. `place` is where it leads to; nil: nobody is there."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, chance: Random, place: Place | None, signal: Signal, listener: Listener
    ) -> None:
        self.place = place
        self._loop = loop
        self._chance = chance
        self._signal = signal
        self._listener: Listener | None = listener
        self._to_server: deque[dict[str, Any]] = deque()
        self._reader: asyncio.Future[None] | None = None
        self._room: asyncio.Future[None] | None = None
        self._in_flight = 0
        self._server_at_s = 0.0
        self._client_at_s = 0.0
        self._still: list[tuple[bool, Callable[..., None], tuple[Any, ...]]] = []
        self._server_knows = False
        self._dark = False
        self._accepted = False

    @property
    def unnoticed(self) -> bool:
        """Whether it has broken, and its client takes it for well."""
        return self._dark and self._listener is not None

    def open(self, path: str, origin: str | None = None) -> None:
        """The client connects."""
        place = self.place
        if self._signal.offline or place is None:
            self._later(self._way_s(), lambda: self._close_client(ABNORMAL, "nobody is there"))
            return
        scope = {
            "type": "websocket",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "ws",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": b"",
            "headers": [(b"host", b"simulated"), (b"user-agent", b"simulated")],
            "client": ("192.0.2.1", 1),
            "server": ("192.0.2.2", 80),
            "subprotocols": [],
        }
        self._to_server.append({"type": "websocket.connect"})
        self._later(self._way_s(), lambda: self._accept(place, scope))
        self._later(_CONNECT_TIMEOUT_S, self._give_up)

    def _accept(self, place: Place, scope: dict[str, Any]) -> None:
        if place.process.condition is Condition.DEAD:
            self._close_client(ABNORMAL, "refused")
            return

        async def serve() -> None:
            await place.app(scope, self._receive, self._send)

        place.process.call(lambda: place.process.spawn(serve(), "a socket"))

    def _give_up(self) -> None:
        if not self._accepted:
            self.cut()

    # ── the client's end ───────────────────────────────────────────────────────────────────────────────────────

    def send(self, data: bytes) -> None:
        """The client sends one frame."""
        self._to_the_server({"type": "websocket.receive", "bytes": data})

    def close(self, code: int) -> None:
        """The client closes in order."""
        self._listener = None
        self._to_the_server({"type": "websocket.disconnect", "code": code})

    def cut(self) -> None:
        """The connection breaks, and both ends are told."""
        self._dark = True
        self._tell_server_of_the_end()
        self._later(self._way_s(), lambda: self._close_client(ABNORMAL, "the connection broke"))

    def vanish(self) -> None:
        """The client is gone, and the server is not told."""
        self._dark = True
        self._listener = None

    def darken(self) -> None:
        """Nothing passes any more, and nobody is told."""
        self._dark = True

    def lose_server(self, told: bool) -> None:
        """The node has died. Its kernel says so, or its whole machine is gone."""
        self._dark = True
        if told and self._listener is not None:
            self._later(self._way_s(), lambda: self._close_client(ABNORMAL, "the connection was reset"))

    def go_on(self) -> None:
        """The device's signal is back: what stood still moves."""
        still, self._still = self._still, []
        for to_server, work, arguments in still:
            self._move(to_server, work, *arguments)

    # ── the server's end ───────────────────────────────────────────────────────────────────────────────────────

    async def _receive(self) -> dict[str, Any]:
        while not self._to_server:
            self._reader = asyncio.get_running_loop().create_future()
            await self._reader
        message = self._to_server.popleft()
        if message["type"] == "websocket.disconnect":
            self._server_knows = True
        return message

    async def _send(self, message: dict[str, Any]) -> None:
        if self._server_knows:
            raise OSError("the peer is gone")
        match message["type"]:
            case "websocket.accept":
                self._to_the_client(0, self._opened)
            case "websocket.send":
                data: bytes = message["bytes"]
                while self._in_flight > _WINDOW_BYTES and not self._server_knows:
                    self._room = asyncio.get_running_loop().create_future()
                    await self._room
                self._to_the_client(len(data), self._arrived, data)
            case "websocket.close":
                code, reason = message.get("code", 1000), message.get("reason", "")
                self._server_knows = True
                self._to_the_client(0, self._close_client, code, reason)

    def _put(self, message: dict[str, Any]) -> None:
        """Into the kernel of the node's machine, from where a process that stands takes it when it goes on."""
        self._to_server.append(message)
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)
        if message["type"] == "websocket.disconnect" and self._room is not None and not self._room.done():
            self._server_knows = True
            self._room.set_result(None)

    # ── on the way ─────────────────────────────────────────────────────────────────────────────────────────────

    def _to_the_server(self, message: dict[str, Any]) -> None:
        if self.place is not None:
            self._move(True, self._put, message)

    def _to_the_client(self, size: int, work: Callable[..., None], *arguments: Any) -> None:
        self._in_flight += size
        self._move(False, self._taken, size, work, *arguments)

    def _taken(self, size: int, work: Callable[..., None], *arguments: Any) -> None:
        self._in_flight -= size
        if self._room is not None and not self._room.done() and self._in_flight <= _WINDOW_BYTES:
            self._room.set_result(None)
        work(*arguments)

    def _move(self, to_server: bool, work: Callable[..., None], *arguments: Any) -> None:
        """In order within one direction."""
        if self._dark:
            return
        if self._signal.still:
            self._still.append((to_server, work, arguments))
            return
        at_s = self._loop.time() + self._way_s()
        if to_server:
            at_s = self._server_at_s = max(self._server_at_s, at_s)
        else:
            at_s = self._client_at_s = max(self._client_at_s, at_s)
        self._loop.call_at(at_s, self._if_lit, work, *arguments, context=NOBODY)

    def _if_lit(self, work: Callable[..., None], *arguments: Any) -> None:
        if not self._dark:
            work(*arguments)

    def _tell_server_of_the_end(self) -> None:
        if self.place is not None:
            end = {"type": "websocket.disconnect", "code": ABNORMAL}
            self._later(self._way_s(), lambda: self._put(end))

    def _opened(self) -> None:
        self._accepted = True
        if self._listener is not None:
            self._listener.opened()

    def _arrived(self, data: bytes) -> None:
        if self._listener is not None:
            self._listener.arrived(data)

    def _close_client(self, code: int, reason: str) -> None:
        listener, self._listener = self._listener, None
        self._accepted = True
        if listener is not None:
            listener.closed(code, reason)

    def _way_s(self) -> float:
        return 0.001 + self._chance.random() * self._signal.slow_s

    def _later(self, delay_s: float, work: Callable[[], object]) -> None:
        self._loop.call_later(delay_s, work, context=NOBODY)


async def request(
    place: Place,
    method: str,
    path: str,
    token: str,
    body: bytes,
    on_reply: Callable[[int, bytes], None],
    device: str = "",
) -> None:
    """One REST call from this device, inside the node's process. `on_reply` is called with status and body, if there is
    an answer."""
    headers = [(b"host", b"simulated"), (b"authorization", b"Bearer " + token.encode())]
    headers.append((DEVICE_HEADER.lower().encode(), device.encode()))
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path.partition("?")[0],
        "raw_path": path.partition("?")[0].encode(),
        "root_path": "",
        "query_string": path.partition("?")[2].encode(),
        "headers": headers,
        "client": ("192.0.2.1", 1),
        "server": ("192.0.2.2", 80),
    }
    sent = False
    status = 0
    chunks: list[bytes] = []

    async def receive() -> dict[str, Any]:
        nonlocal sent
        if sent:
            await asyncio.get_running_loop().create_future()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        else:
            chunks.append(message.get("body", b""))
            if not message.get("more_body", False):
                on_reply(status, b"".join(chunks))

    await place.app(scope, receive, send)
