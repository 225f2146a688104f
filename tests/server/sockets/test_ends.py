"""What happens to many sockets at the same instant happens to one after the other, with others' messages in between."""

import asyncio
import socket
import struct
from typing import Any

import pytest
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from server.pacing.turns import turns as steps
from server.sockets.shell import _receive_within
from tests.server.harness.raw import Raw
from tests.server.harness.running import RunningServer
from tests.server.harness.waiting import eventually

MANY = 12
BETWEEN = 4
"""Messages of others between two of them, at least."""


@pytest.fixture(autouse=True)
def turns_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine some turns take so long that fewer of them lie between two steps."""
    monkeypatch.setattr("server.pacing.turns._MOST_APART_S", 60.0)


class Turns:
    """Notes each turn of the loop, and what happens in it, while somebody waits for an acknowledgement."""

    def __init__(self) -> None:
        steps().space_out(True)
        self.now = 0
        self.at: list[int] = []
        self._ticking = asyncio.create_task(self._tick())

    async def _tick(self) -> None:
        while True:
            self.now += 1
            await asyncio.sleep(0)

    def happened(self) -> None:
        self.at.append(self.now)

    def end(self) -> None:
        self._ticking.cancel()
        steps().space_out(False)
        gaps = [after - before for before, after in zip(self.at, self.at[1:], strict=False)]
        assert len(gaps) == MANY - 1
        # The first one may have been due before somebody waited.
        assert min(gaps[1:]) > BETWEEN


class Silent:
    """A socket that says nothing."""

    async def receive(self) -> Any:
        await asyncio.Event().wait()


async def test_hellos_that_do_not_come() -> None:
    """Before, all of them woke in one turn of the loop: 400 held everybody up for 9 ms."""
    turns = Turns()

    async def one() -> None:
        with pytest.raises(TimeoutError):
            await _receive_within(Silent(), 0.01)  # type: ignore[arg-type]
        turns.happened()

    await asyncio.gather(*(one() for _ in range(MANY)))
    turns.end()


async def test_a_message_that_comes_in_time_is_not_late_afterwards() -> None:
    class Prompt:
        async def receive(self) -> Any:
            return {"type": "websocket.receive", "bytes": b"hello"}

    assert await _receive_within(Prompt(), 0.0) == b"hello"  # type: ignore[arg-type]
    for _ in range(20):
        await asyncio.sleep(0)


async def test_connections_that_end(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    raws = [await Raw.upgrade(server, "/ws/attempts/1") for _ in range(MANY)]
    await eventually(lambda: server.node.strangers.half_open == MANY)
    turns = Turns()
    lost = WebSocketsSansIOProtocol.connection_lost

    def lost_and_told(self: WebSocketsSansIOProtocol, exc: Exception | None) -> None:
        turns.happened()
        lost(self, exc)

    monkeypatch.setattr(WebSocketsSansIOProtocol, "connection_lost", lost_and_told)
    for raw in raws:
        raw.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raw.writer.transport.abort()
    await eventually(lambda: server.node.strangers.half_open == 0)
    turns.end()
