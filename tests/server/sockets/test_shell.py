"""The shell around a session: whatever fails or hangs, the socket ends with a name and the session is told."""

import asyncio
from typing import Any

import pytest

from protocol.codes import Close, Code
from server.sockets import shell, straight
from server.sockets.candidate import CandidateSession
from server.sockets.carried import CarriedWebSocket
from server.sockets.frames import LimitedWebSocket
from storage.errors import StorageUnavailable
from tests.server.harness.exam import TEST
from tests.server.harness.raw import BINARY, Raw, frame
from tests.server.harness.running import RunningServer
from tests.server.harness.socket import HELLO, pack
from tests.server.harness.waiting import eventually


@pytest.fixture(autouse=True, params=[CarriedWebSocket, LimitedWebSocket])
def web_socket(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that goes on without the shell, and one that the shell carries to the end."""
    monkeypatch.setattr("server.process.serving.CarriedWebSocket", request.param)


async def gone(server: RunningServer) -> None:
    """Waits until the node has no connection left."""
    await eventually(lambda: not server.node.connections and not server.node._tasks)


async def test_a_database_that_is_away_is_named(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: Any) -> None:
        raise StorageUnavailable("gone")

    monkeypatch.setattr(server.node.registry, "get", fail)
    monkeypatch.setattr(server.node.tests, "newest_version", fail)
    doors = [
        ("/ws/attempts/01890a5d-ac96-774b-bcce-b302099a8057", server.token()),
        (f"/ws/monitor/{TEST}", server.instructor),
    ]
    for path, token in doors:
        async with await server.socket(path) as socket:
            await socket.hello(token)
            assert await socket.refusal() == (Code.STORAGE_UNAVAILABLE, Close.STORAGE_UNAVAILABLE)


async def test_a_bug_ends_the_connection_with_its_code(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    attempt_id = await server.started()

    def fail(self: CandidateSession, data: bytes) -> None:
        raise RuntimeError("a bug")

    async with await server.sit(attempt_id) as socket:
        monkeypatch.setattr(CandidateSession, "feed", fail)
        await socket.send("beat", t0_ms=1)  # for the reader that waits already
        await socket.send("beat", t0_ms=2)
        rest, code = await socket.end()
        assert (code, rest[-1]["code"]) == (Close.INTERNAL, Close.INTERNAL)
    await gone(server)
    live = server.node.registry.at_hand(attempt_id)
    assert live is not None
    assert live.committed.connection_id is None, "and the attempt knows that she has gone"


async def test_a_peer_that_does_not_answer_the_close_is_not_waited_for(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for way in (shell, straight):
        monkeypatch.setattr(way, "LAST_WORDS_S", 0.05)
    attempt_id = await server.started()
    socket = await server.sit(attempt_id)
    # From here on the peer neither reads nor answers.
    socket.connection.transport.pause_reading()
    await server.node.drain()
    await gone(server)
    socket.connection.transport.abort()


async def test_a_peer_that_does_not_read_is_ended_although_it_sends_nothing(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for way in (shell, straight):
        monkeypatch.setattr(way, "LAST_WORDS_S", 0.05)
    socket = await server.watch()
    await socket.until("roster")
    socket.connection.transport.pause_reading()
    (session,) = server.node.connections.all
    # Far more than the socket's buffers take.
    for _ in range(300):
        session.out.send(bytes(1_000_000))
        if session.out.closing is not None:
            break
        await asyncio.sleep(0)
    assert session.out.closing is Close.SLOW_CONSUMER
    await gone(server)
    socket.connection.transport.abort()


async def test_a_cut_connection_is_recorded(server: RunningServer) -> None:
    attempt_id = await server.started()
    socket = await server.sit(attempt_id)
    live = server.node.registry.at_hand(attempt_id)
    assert live is not None
    assert live.committed.connection_id is not None
    socket.connection.transport.abort()
    await gone(server)
    assert live.committed.connection_id is None


async def test_who_leaves_while_her_hello_is_looked_at_does_not_stay_connected(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt_id = await server.started()
    live = server.node.registry.at_hand(attempt_id)
    assert live is not None
    verify, asked, go = server.node.tokens.verify, asyncio.Event(), asyncio.Event()

    async def slow(*given: Any, **named: Any) -> Any:
        asked.set()
        await go.wait()
        return await verify(*given, **named)

    monkeypatch.setattr(server.node.tokens, "verify", slow)
    raw = await Raw.upgrade(server, f"/ws/attempts/{attempt_id}")
    await raw.send(frame(BINARY, pack("hello", protocol=1, token=server.token(), **HELLO)))
    await asked.wait()
    raw.close()
    (protocol,) = (one for one in server._uvicorn.server_state.connections if isinstance(one, LimitedWebSocket))
    await eventually(lambda: protocol.disconnected)
    go.set()
    await gone(server)
    await eventually(lambda: not live.presence.sessions and live.committed.connection_id is None)
    assert not server.node.strangers.half_open
