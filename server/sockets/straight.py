"""The way of nearly all sockets: straight from the request to a session, and no ASGI application hears of them.

An application is told of a socket by a scope and messages, which are dictionaries, in two tasks. Here the same is asked
in the same order: may this address open a socket now, from where does it come, and what is its hello?
"""

import asyncio
import logging
from functools import partial
from typing import Final, Protocol
from urllib.parse import unquote

from starlette.datastructures import State
from starlette.requests import HTTPConnection
from uvicorn._types import HTTPScope
from websockets.http11 import Request

from protocol import limits
from protocol.codes import Close
from protocol.ids import normalize_id
from protocol.integrity.safe_exam_browser import BROWSER_HEADER, CONFIG_HEADER, PAGE_HEADER, Proof
from server.access.safe_browser import proofs_in
from server.node import Node
from server.pacing.turns import turns
from server.sockets.candidate import CandidateSession
from server.sockets.carried import CarriedWebSocket
from server.sockets.carrier import Carrier
from server.sockets.greeting import LAST_WORDS_S, AnySession, Greeting, let_go
from server.sockets.instructor import InstructorSession
from server.sockets.outbound import Outbound

log = logging.getLogger(__name__)

_PARTS: Final = len(["", "ws", "kind", "name"])
_FORWARDED: Final = "x-forwarded-for"
_PROOFS: Final = (CONFIG_HEADER, BROWSER_HEADER, PAGE_HEADER)


class Proxies(Protocol):
    """Those in front that are trusted, by their addresses."""

    def __contains__(self, host: str | None) -> bool: ...

    def get_trusted_client_address(self, x_forwarded_for: str) -> tuple[str, int]:
        """Whom they name as the client; an empty text: nobody."""
        ...


class Straight:
    """Takes sockets over from HTTP."""

    def __init__(self, state: State, proxies: Proxies, ops_port: int) -> None:
        """`state`: the application's, which has the node. What comes to `ops_port` is not taken."""
        self._state = state
        self._proxies = proxies
        self._ops_port = ops_port

    def take(self, socket: CarriedWebSocket, request: Request, scope: HTTPScope) -> bool:
        """Whether the socket goes this way. Else the application decides on it."""
        server = scope["server"]
        raw_path, _, query = request.path.partition("?")
        path = unquote(raw_path) if "%" in raw_path else raw_path
        parts = path.split("/")
        if len(parts) != _PARTS or parts[1] != "ws" or parts[2] not in ("attempts", "monitor") or not parts[3]:
            return False
        if server is not None and server[1] == self._ops_port:
            return False
        _, _, kind, name = parts
        if not socket.read_handshake(request):
            return True
        node: Node = self._state.node
        address = self._address(request, scope)
        outbound = Outbound()
        session: AnySession
        if kind == "attempts":
            agent = _first(request, "user-agent") or ""
            proofs = _proofs(node, request, path, query)
            session = CandidateSession(node, outbound, name, address, agent[: limits.MAX_ID_CHARS * 4], proofs)
        else:
            session = InstructorSession(node, outbound, normalize_id(name))
        way = _Way(node, socket, session, address, _first(request, "origin"))
        socket.keep(asyncio.get_running_loop().create_task(way.go(), name="greet a socket"))
        return True

    def _address(self, request: Request, scope: HTTPScope) -> str:
        peer = scope["client"]
        address = str(peer[0]) if peer else ""
        if _FORWARDED in request.headers and address in self._proxies:
            named, _ = self._proxies.get_trusted_client_address(", ".join(request.headers.get_all(_FORWARDED)))
            return named or address
        return address


class _Way:
    """One socket from its request to the outcome of its hello. Until then it stands for the session."""

    def __init__(
        self, node: Node, socket: CarriedWebSocket, session: AnySession, address: str, origin: str | None
    ) -> None:
        self.out = session.out
        self.hasty = False
        self._node = node
        self._socket = socket
        self._session = session
        self._address = address
        self._origin = origin
        self._carrier: Carrier | None = None
        self._hello: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
        self._ended = False

    async def go(self) -> None:
        """Returns when the session goes on by itself, or has ended."""
        node, socket = self._node, self._socket
        try:
            if not await node.strangers.enter(self._address):
                socket.refuse(503, {"Retry-After": "5"})
                return
            greeting = Greeting(node, self._address)
            try:
                if self._origin is not None and self._origin not in node.settings.origins:
                    socket.refuse(403)
                elif socket.accept():
                    await self._greet(greeting)
            finally:
                greeting.over(known=False)
        except Exception:
            log.exception("A socket failed")
            socket.send_500_response()
            socket.hang_up()

    async def _greet(self, greeting: Greeting) -> None:
        node, session, out = self._node, self._session, self.out
        node.connections.opened(session)
        self._carrier = carrier = self._socket.carry(self, self._on_end, LAST_WORDS_S)
        out.on_end = carrier.closing
        out.hand_over(carrier.ready)
        self._socket.read_on()
        try:
            first = await self._hello_within(node.settings.hello_timeout_ms / 1000)
            if first is not None:
                await turns().take()
                await session.open(first)
                greeting.over(known=session.principal is not None and not session.too_often)
        except Exception:
            log.exception("A session failed")
            out.close(Close.INTERNAL)
        finally:
            self._carrier = None
            end = partial(let_go, node, session)
            if self._ended:
                end()
            else:
                carrier.go_on_with(session, end)

    async def _hello_within(self, seconds: float) -> bytes | None:
        """None: the peer has gone, or it was late, each in a turn of its own: hundreds that say nothing end at the same
        instant."""
        timer = asyncio.get_running_loop().call_later(seconds, turns().next, self._expire)
        try:
            return await self._hello
        finally:
            timer.cancel()

    def _expire(self) -> None:
        if not self._hello.done():
            self._session.late()
            self._hello.set_result(None)

    def _on_end(self) -> None:
        self._ended = True
        if not self._hello.done():
            self._hello.set_result(None)

    # What a carrier needs until then

    def feed(self, data: bytes) -> None:
        """The hello. What comes after it waits."""
        assert self._carrier is not None
        self._carrier.hold()
        if not self._hello.done():
            self._hello.set_result(data)

    def charge(self, size: int) -> int:
        """Nobody has a budget yet."""
        return 0

    def heard(self) -> None:
        """Nobody is lost yet."""


def _first(request: Request, name: str) -> str | None:
    """Of several such headers the first."""
    values = request.headers.get_all(name)
    return values[0] if values else None


def _proofs(node: Node, request: Request, path: str, query: str) -> tuple[Proof, ...]:
    headers = request.headers
    if not query and not any(name in headers for name in _PROOFS):
        return ()
    raw = [(name.lower().encode("ascii"), value.encode("latin-1")) for name, value in headers.raw_items()]
    scope = {
        "type": "websocket",
        "scheme": "ws",
        "path": path,
        "root_path": "",
        "query_string": query.encode("ascii"),
        "headers": raw,
    }
    return proofs_in(HTTPConnection(scope), node.settings.url)
