"""Connections and calls that are over leave nothing that only a look for garbage would free: what was set aside is
looked at a few times a day (`server/process/garbage.py`)."""

import gc
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.server.harness.exam import TEST
from tests.server.harness.running import RunningServer
from tests.server.harness.socket import Socket
from tests.server.harness.waiting import eventually

TIMES = 5


@pytest.fixture
async def no_collector(server: RunningServer) -> AsyncIterator[RunningServer]:
    gc.collect()
    gc.disable()
    yield server
    gc.enable()


def _ours() -> Counter[str]:
    """How many objects there are of our classes, and of uvicorn's and websockets' of the server's side."""
    kinds = [type(one) for one in gc.get_objects()]
    servers = ("server.", "uvicorn.", "websockets.server")
    return Counter(kind.__name__ for kind in kinds if kind.__module__.startswith(servers))


async def _sits(server: RunningServer, attempt_id: str) -> Socket:
    socket = await server.socket(f"/ws/attempts/{attempt_id}")
    await socket.hello(server.token())
    await socket.until("welcome")
    return socket


async def _leaves(server: RunningServer, attempt_id: str) -> None:
    async with await _sits(server, attempt_id):
        pass


async def _vanishes(server: RunningServer, attempt_id: str) -> None:
    async with await _sits(server, attempt_id) as socket:
        socket.connection.transport.abort()


async def _is_sent_away(server: RunningServer, attempt_id: str) -> None:
    async with await _sits(server, attempt_id) as socket:
        server.node.connections.send_away(lambda: 0)
        await socket.end()


async def _says_no_hello(server: RunningServer, attempt_id: str) -> None:
    async with await server.socket(f"/ws/attempts/{attempt_id}"):
        pass


async def _watches(server: RunningServer, attempt_id: str) -> None:
    async with await server.socket(f"/ws/monitor/{TEST}") as socket:
        await socket.hello(server.instructor)
        await socket.until("roster")


async def _calls(server: RunningServer, attempt_id: str) -> None:
    reply = await server.call("GET", f"/test-attempts/{attempt_id}/status", server.token(), connection="close")
    assert reply.status == 200


@pytest.mark.parametrize("way", [_leaves, _vanishes, _is_sent_away, _says_no_hello, _watches, _calls])
async def test_what_is_over_leaves_no_cycles(
    no_collector: RunningServer, way: Callable[[RunningServer, str], Awaitable[None]]
) -> None:
    server = no_collector
    hers = await server.started()
    await way(server, hers)
    await eventually(lambda: len(server.node.connections) == 0)
    gc.collect()
    before = _ours()
    for _ in range(TIMES):
        await way(server, hers)
    left: Counter[str] = Counter()

    def nothing_is_left() -> bool:
        left.clear()
        left.update(_ours() - before)
        return not any(count >= TIMES - 1 for count in left.values())

    try:
        await eventually(nothing_is_left)
    except TimeoutError:
        pytest.fail(str(left))
