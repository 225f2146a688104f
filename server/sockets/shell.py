"""The thin shell between ASGI and a session: feed, send, close. Any ASGI server can carry it."""

import asyncio
import contextlib
import logging

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
from server.sockets.carrier import NO_TEXT
from server.sockets.greeting import LAST_WORDS_S, AnySession, Greeting, let_go
from server.sockets.instructor import InstructorSession
from server.sockets.outbound import Outbound

log = logging.getLogger(__name__)


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
    if not await node.strangers.enter(address):
        await websocket.send_denial_response(Response(status_code=503, headers={"retry-after": "5"}))
        return
    greeting = Greeting(node, address)
    try:
        origin = websocket.headers.get("origin")
        if origin is not None and origin not in node.settings.origins:
            # A close before the handshake is accepted becomes HTTP 403.
            await websocket.close()
            return
        await websocket.accept()
        await _serve(websocket, node, session, outbound, greeting)
    finally:
        greeting.over(known=False)


async def _serve(
    websocket: WebSocket,
    node: Node,
    session: AnySession,
    outbound: Outbound,
    greeting: Greeting,
) -> None:
    node.connections.opened(session)
    # The time-out ends a connection whose peer does not answer a close or does not even read it.
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(None) as limit:
            outbound.on_end = lambda: limit.reschedule(asyncio.get_running_loop().time() + LAST_WORDS_S)
            await _converse(websocket, node, session, outbound, greeting)


async def _converse(
    websocket: WebSocket,
    node: Node,
    session: AnySession,
    outbound: Outbound,
    greeting: Greeting,
) -> None:
    writer = asyncio.create_task(_write(websocket, outbound), name="socket writer")
    try:
        if await _open(websocket, session, node.settings.hello_timeout_ms / 1000, greeting):
            await _read(websocket, session, outbound)
    except WebSocketDisconnect:
        outbound.abandon()
    except Exception:
        log.exception("A session failed")
        outbound.close(Close.INTERNAL)
    finally:
        let_go(node, session)
        try:
            await asyncio.wait([writer], timeout=LAST_WORDS_S)
        finally:
            writer.cancel()
            outbound.abandon()


async def _open(websocket: WebSocket, session: AnySession, hello_timeout_s: float, greeting: Greeting) -> bool:
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
            if isinstance(item, Close):
                await websocket.close(int(item), CLOSES[item][:120])
                return
            await websocket.send_bytes(item)
    except (WebSocketDisconnect, RuntimeError, OSError):
        return
