"""The thin shell between ASGI and a session: feed, send, close. Any ASGI server can carry it."""

import asyncio
from typing import Final, Protocol

from starlette.websockets import WebSocket, WebSocketDisconnect

from protocol import limits
from protocol.codes import CLOSES, Close
from server.node import Node
from server.sockets.candidate import CandidateSession
from server.sockets.instructor import InstructorSession
from server.sockets.outbound import Outbound

_LAST_WORDS_S: Final = 2.0
"""How long a socket that is being closed may take for it."""


class FedSession(Protocol):
    """What the shell carries."""

    async def open(self, data: bytes) -> bool: ...
    def feed(self, data: bytes) -> None: ...
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
    session = InstructorSession(node, outbound, websocket.path_params["test_id"])
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
    node.opened(session)
    async with asyncio.timeout(None) as limit:
        writer = asyncio.create_task(_write(websocket, outbound, limit), name="socket writer")
        try:
            await _read(websocket, session, outbound)
        except WebSocketDisconnect:
            outbound.abandon()
        finally:
            node.closed(session)
            node.keep(asyncio.create_task(session.closed(), name="end of a session"))
            await asyncio.wait([writer], timeout=_LAST_WORDS_S)
            writer.cancel()


async def _read(websocket: WebSocket, session: FedSession, outbound: Outbound) -> None:
    try:
        async with asyncio.timeout(limits.HELLO_TIMEOUT_MS / 1000):
            first = await _receive(websocket)
    except TimeoutError:
        session.late()
        return
    if not await session.open(first):
        return
    while outbound.closing is None:
        session.feed(await _receive(websocket))


async def _receive(websocket: WebSocket) -> bytes:
    """The next message's bytes; text is none of ours, and is refused as such."""
    message = await websocket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1006))
    data: bytes | None = message.get("bytes")
    return data if data is not None else b"\xc1"


async def _write(websocket: WebSocket, outbound: Outbound, limit: asyncio.Timeout) -> None:
    """The one writer. A peer that is gone is noticed by the reader; here it only ends the writing. A peer that does not
    answer a close is not waited for."""
    try:
        while True:
            item = await outbound.next()
            if isinstance(item, Close):
                limit.reschedule(asyncio.get_running_loop().time() + _LAST_WORDS_S)
                await websocket.close(int(item), CLOSES[item][:120])
                return
            await websocket.send_bytes(item)
    except (WebSocketDisconnect, RuntimeError, OSError):
        return
