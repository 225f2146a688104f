"""The thin shell between ASGI and a session: feed, send, close. Any ASGI server can carry it."""

import asyncio
import contextlib
import logging
from typing import Final, Protocol

from starlette.websockets import WebSocket, WebSocketDisconnect

from protocol import limits
from protocol.codes import CLOSES, Close
from protocol.ids import normalize_id
from server.node import Node
from server.sockets.candidate import CandidateSession
from server.sockets.instructor import InstructorSession
from server.sockets.outbound import Outbound

log = logging.getLogger(__name__)

_LAST_WORDS_S: Final = 2.0
"""How long a socket that is being closed may take for it."""


class FedSession(Protocol):
    """What the shell carries."""

    async def open(self, data: bytes) -> bool: ...
    def feed(self, data: bytes) -> None: ...
    async def pace(self, size: int) -> None: ...
    def late(self) -> None: ...
    async def closed(self) -> None: ...


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
    )
    await _carry(websocket, node, session, outbound)


async def monitor_socket(websocket: WebSocket) -> None:
    """`/ws/monitor/{test_id}`"""
    node: Node = websocket.app.state.node
    outbound = Outbound()
    session = InstructorSession(node, outbound, normalize_id(websocket.path_params["test_id"]))
    await _carry(websocket, node, session, outbound)


async def _carry(
    websocket: WebSocket, node: Node, session: CandidateSession | InstructorSession, outbound: Outbound
) -> None:
    origin = websocket.headers.get("origin")
    if origin is not None and origin not in node.settings.origins:
        # Before the handshake is accepted, a close is answered as HTTP 403.
        await websocket.close()
        return
    await websocket.accept()
    node.connections.opened(session)
    # The limit ends a connection whose peer does not answer a close, or does not even take it.
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(None) as limit:
            outbound.on_end = lambda: limit.reschedule(asyncio.get_running_loop().time() + _LAST_WORDS_S)
            await _converse(websocket, node, session, outbound)


async def _converse(
    websocket: WebSocket, node: Node, session: CandidateSession | InstructorSession, outbound: Outbound
) -> None:
    writer = asyncio.create_task(_write(websocket, outbound), name="socket writer")
    try:
        await _read(websocket, session, outbound, node.settings.hello_timeout_ms / 1000)
    except WebSocketDisconnect:
        outbound.abandon()
    except Exception:
        log.exception("A session failed")
        outbound.close(Close.INTERNAL)
    finally:
        node.connections.closed(session)
        node.keep(asyncio.create_task(session.closed(), name="end of a session"))
        try:
            await asyncio.wait([writer], timeout=_LAST_WORDS_S)
        finally:
            writer.cancel()
            outbound.abandon()


async def _read(websocket: WebSocket, session: FedSession, outbound: Outbound, hello_timeout_s: float) -> None:
    try:
        async with asyncio.timeout(hello_timeout_s):
            first = await _receive(websocket)
    except TimeoutError:
        session.late()
        return
    if not await session.open(first):
        return
    while outbound.closing is None:
        data = await _receive(websocket)
        session.feed(data)
        await session.pace(len(data))


async def _receive(websocket: WebSocket) -> bytes:
    """The next message's bytes; text is none of ours, and is refused as such."""
    message = await websocket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1006))
    data: bytes | None = message.get("bytes")
    return data if data is not None else b"\xc1"


async def _write(websocket: WebSocket, outbound: Outbound) -> None:
    """The one writer. A peer that is gone is noticed by the reader; here it only ends the writing."""
    try:
        while True:
            item = await outbound.next()
            if isinstance(item, Close):
                await websocket.close(int(item), CLOSES[item][:120])
                return
            await websocket.send_bytes(item)
    except (WebSocketDisconnect, RuntimeError, OSError):
        return
