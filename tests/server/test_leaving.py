"""Clients that leave in the middle of something: nothing is written to them any more, and no error is logged.

On uvloop, as in production: Python's own loop lets one write to a connection that is gone.
"""

import asyncio
import logging
import shutil
import socket
import struct
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import uvloop

from loadtest.ports import free_port
from protocol.rate import Bucket
from server.settings import Settings
from tests.server.conftest import SECRET
from tests.server.harness.clock import MovableClock
from tests.server.harness.raw import Raw, handshake
from tests.server.harness.running import RunningServer
from tests.server.harness.waiting import eventually

GET = b"GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n"
WAYS = {"politely": False, "by a reset": True}

OnServer = Callable[[Callable[[RunningServer], Awaitable[None]]], None]


@pytest.fixture
def on_server(tmp_path: Path, migrated_database: Path, caplog: pytest.LogCaptureFixture) -> OnServer:
    """Runs a scene at a server at which strangers wait for turns that do not come before the scene ends."""
    shutil.copy(migrated_database, tmp_path)
    settings = Settings(data=tmp_path, token_secret=SECRET, port=free_port(), ops_port=free_port(), drain_ms=0)

    async def play(scene: Callable[[RunningServer], Awaitable[None]]) -> None:
        server = RunningServer(settings, MovableClock())
        await server.start()
        let_pass(server, 0)
        await scene(server)
        state = server._uvicorn.server_state
        server.node.strangers.end()
        await eventually(lambda: not state.tasks and not state.connections)
        await server.stop()

    def run(scene: Callable[[RunningServer], Awaitable[None]]) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(play(scene))
        assert not [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]

    return run


def let_pass(server: RunningServer, strangers: int) -> None:
    """So many requests of strangers do not wait."""
    bucket = Bucket(1, 10, per_s=3_600)
    bucket.charge(int(asyncio.get_running_loop().time() * 1000), 11 - strangers)
    server.node.strangers._bucket = bucket


async def leave(raw: Raw, server: RunningServer, *, reset: bool) -> None:
    """Returns when the server has noticed."""
    if reset:
        # The kernel answers a close with a reset then, and sends nothing that waits.
        raw.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raw.writer.transport.abort()
    await eventually(lambda: not server._uvicorn.server_state.connections)


@pytest.mark.parametrize("reset", WAYS.values(), ids=list(WAYS))
def test_before_the_reply_is_written(on_server: OnServer, *, reset: bool) -> None:
    async def scene(server: RunningServer) -> None:
        raw = await Raw.open(server)
        await raw.send(GET)
        await eventually(lambda: server.node.strangers.waiting == 1)
        await leave(raw, server, reset=reset)

    on_server(scene)


@pytest.mark.parametrize("reset", WAYS.values(), ids=list(WAYS))
def test_before_the_reply_to_the_second_of_three_requests_is_written(on_server: OnServer, *, reset: bool) -> None:
    """uvicorn tells the last one alone that its client has left."""

    async def scene(server: RunningServer) -> None:
        let_pass(server, 1)
        raw = await Raw.open(server)
        await raw.send(GET * 3)
        await raw.reader.readuntil(b"}")
        await eventually(lambda: server.node.strangers.waiting == 1)
        await leave(raw, server, reset=reset)

    on_server(scene)


@pytest.mark.parametrize("reset", WAYS.values(), ids=list(WAYS))
@pytest.mark.parametrize("path", ["/ws/attempts/1", "/ws/monitor/1", "/nowhere"])
def test_before_the_socket_is_open(on_server: OnServer, path: str, *, reset: bool) -> None:
    async def scene(server: RunningServer) -> None:
        server.node.strangers._owed["127.0.0.1"] = 1
        raw = await Raw.open(server)
        await raw.send(handshake(server, path))
        await eventually(lambda: server.node.strangers.waiting == 1)
        await leave(raw, server, reset=reset)

    on_server(scene)


def test_no_socket_opens_in_the_middle_of_a_reply(on_server: OnServer) -> None:
    """The rest of the reply would become a part of the socket, and be written to it after its end."""

    async def scene(server: RunningServer) -> None:
        raw = await Raw.open(server)
        await raw.send(GET + handshake(server, "/ws/attempts/1"))
        assert await raw.gone() == b""
        raw.close()

    on_server(scene)
