"""The thin shell between ASGI and a session: feed, send, close. Any ASGI server can carry it."""

import asyncio
import contextlib
import logging
from functools import partial
from typing import Final

from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from protocol import limits
from protocol.codes import CLOSES, Close
from protocol.ids import normalize_id
from server.access.safe_browser import proofs_in
from server.limits.gate import address_of
from server.node import Node
from server.pacing.turns import turns
from server.sockets.candidate import CandidateSession
from server.sockets.carrier import EXTENSION, NO_TEXT, Carrier, Carry
from server.sockets.instructor import InstructorSession
from server.sockets.outbound import Outbound

log = logging.getLogger(__name__)

_LAST_WORDS_S: Final = 2.0
"""How long closing a socket may take."""


AnySession = CandidateSession | InstructorSession


async def candidate_socket(websocket: WebSocket) -> None:
    """`/ws/attempts/{attempt_id}`"""
    node: Node = websocket.app.state.node
    outbound = Outbound()
    session = CandidateSession(
        node,
        outbound,
        websocket.path_params["attempt_id"],
        websocket.client.host if websocket.client else "",
        websocket.headers.get("user-agent", "")[: limits.MAX_ID_CHARS * 4],
        proofs_in(websocket, node.settings.url),
    )
    await _carry(websocket, node, session, outbound)


async def monitor_socket(websocket: WebSocket) -> None:
    """`/ws/monitor/{test_id}`"""
    node: Node = websocket.app.state.node
    outbound = Outbound()
    session = InstructorSession(node, outbound, normalize_id(websocket.path_params["test_id"]))
    await _carry(websocket, node, session, outbound)


async def no_socket(websocket: WebSocket) -> None:
    """Every other address: HTTP 403, and the caller's address owes a turn, as for a socket without a hello."""
    node: Node = websocket.app.state.node
    address = address_of(websocket.scope)
    if await node.strangers.enter(address):
        node.strangers.leave(address, known=False)
    await websocket.close()


async def _carry(websocket: WebSocket, node: Node, session: AnySession, outbound: Outbound) -> None:
    address = address_of(websocket.scope)
    carry: Carry | None = (websocket.scope.get("extensions") or {}).get(EXTENSION)
    if not await node.strangers.enter(address):
        await websocket.send_denial_response(Response(status_code=503, headers={"retry-after": "5"}))
        return
    greeting = _Greeting(node, address)
    try:
        origin = websocket.headers.get("origin")
        if origin is not None and origin not in node.settings.origins:
            # A close before the handshake is accepted becomes HTTP 403.
            await websocket.close()
            return
        await websocket.accept()
        await _serve(websocket, node, session, outbound, greeting, carry)
    finally:
        greeting.over(known=False)


class _Greeting:
    """From the opening of a socket to the outcome of its hello."""

    def __init__(self, node: Node, address: str) -> None:
        self._node = node
        self._address = address
        self._over = False

    def over(self, *, known: bool) -> None:
        """Ends the greeting; only the first call counts. `known`: the token is valid, and its user has not connected
        too often."""
        if not self._over:
            self._over = True
            self._node.strangers.leave(self._address, known=known)


async def _serve(
    websocket: WebSocket,
    node: Node,
    session: AnySession,
    outbound: Outbound,
    greeting: _Greeting,
    carry: Carry | None,
) -> None:
    node.connections.opened(session)
    # The time-out ends a connection whose peer does not answer a close or does not even read it.
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(None) as limit:
            outbound.on_end = lambda: limit.reschedule(asyncio.get_running_loop().time() + _LAST_WORDS_S)
            await _converse(websocket, node, session, outbound, greeting, carry)


async def _converse(
    websocket: WebSocket,
    node: Node,
    session: AnySession,
    outbound: Outbound,
    greeting: _Greeting,
    carry: Carry | None,
) -> None:
    writer = asyncio.create_task(_write(websocket, outbound), name="socket writer")
    carrier: Carrier | None = None
    try:
        if await _open(websocket, session, node.settings.hello_timeout_ms / 1000, greeting):
            if carry is not None and outbound.closing is None:
                carrier = carry(session, partial(_over, node, session), _LAST_WORDS_S)
            else:
                await _read(websocket, session, outbound)
    except WebSocketDisconnect:
        outbound.abandon()
    except Exception:
        log.exception("A session failed")
        outbound.close(Close.INTERNAL)
    finally:
        if carrier is not None:
            # What is being written goes out first.
            outbound.hand_over(carrier.ready)
            writer.add_done_callback(carrier.begin)
            outbound.on_end = carrier.closing
        else:
            _over(node, session)
            try:
                await asyncio.wait([writer], timeout=_LAST_WORDS_S)
            finally:
                writer.cancel()
                outbound.abandon()


def _over(node: Node, session: AnySession) -> None:
    node.connections.closed(session)
    node.keep(asyncio.create_task(session.closed(), name="end of a session"))


async def _open(websocket: WebSocket, session: AnySession, hello_timeout_s: float, greeting: _Greeting) -> bool:
    """Whether the session begins."""
    try:
        first = await _receive_within(websocket, hello_timeout_s)
    except TimeoutError:
        session.late()
        return False
    await turns().take()
    opened = await session.open(first)
    greeting.over(known=session.principal is not None and not session.too_often)
    return opened


async def _read(websocket: WebSocket, session: AnySession, outbound: Outbound) -> None:
    while outbound.closing is None:
        data = await _receive(websocket)
        session.feed(data)
        if wait_ms := session.charge(len(data)):
            await session.hold(wait_ms)
        elif session.hasty:
            await turns().take()


async def _receive_within(websocket: WebSocket, seconds: float) -> bytes:
    """The first message. Raises `TimeoutError` in a turn of its own: hundreds that say nothing end at the same
    instant."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(None) as limit:

        def expire() -> None:
            if not over:
                limit.reschedule(loop.time())

        over = False
        timer = loop.call_later(seconds, turns().next, expire)
        try:
            return await _receive(websocket)
        finally:
            over = True
            timer.cancel()
    raise TimeoutError


async def _receive(websocket: WebSocket) -> bytes:
    """The next message's bytes. The protocol has no text messages, so they are refused."""
    message = await websocket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1006))
    data: bytes | None = message.get("bytes")
    return data if data is not None else NO_TEXT


async def _write(websocket: WebSocket, outbound: Outbound) -> None:
    """The only writer. If the peer is gone, writing just ends; the reader handles it."""
    try:
        while True:
            item = await outbound.next()
            if item is None:
                return
            if isinstance(item, Close):
                await websocket.close(int(item), CLOSES[item][:120])
                return
            await websocket.send_bytes(item)
    except (WebSocketDisconnect, RuntimeError, OSError):
        return
