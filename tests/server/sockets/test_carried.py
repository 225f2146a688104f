"""What an open socket keeps: a session, its protocol, and no task."""

import asyncio
import gc
import tracemalloc
from pathlib import Path

from server.sockets.carried import CarriedWebSocket
from tests.server.conftest import StartServer
from tests.server.harness.clock import MovableClock
from tests.server.harness.raw import BINARY, Raw, frame
from tests.server.harness.running import RunningServer
from tests.server.harness.socket import HELLO, pack
from tests.server.harness.waiting import eventually

MANY = 20
MOST_BYTES = 7_500
"""Of one connection, by what Python counts: about 5,000 are used."""


def protocols(server: RunningServer) -> list[CarriedWebSocket]:
    return [one for one in server._uvicorn.server_state.connections if isinstance(one, CarriedWebSocket)]


async def test_an_open_socket_has_no_task(server: RunningServer) -> None:
    """Each of the two would wait in half a dozen coroutines."""
    before = asyncio.all_tasks()
    socket = await server.sit(await server.started())
    await eventually(lambda: not server._uvicorn.server_state.tasks)
    names = {task.get_name() for task in asyncio.all_tasks() - before}
    assert "socket writer" not in names
    await socket.send("beat", t0_ms=1)
    assert (await socket.until("echo"))["t0_ms"] == 1


async def test_an_open_socket_keeps_nothing_of_its_request(server: RunningServer) -> None:
    """Headers and addresses, in three forms each, were a fifth of what a connection takes."""
    await server.sit(await server.started())
    (protocol,) = protocols(server)
    await eventually(lambda: protocol._carrier is not None)
    assert not {"scope", "request", "response"} & set(vars(protocol))


async def test_an_open_socket_is_small(server: RunningServer) -> None:
    """With its tasks and its request it was more than twice as large."""
    attempts = [await server.started(f"user-{n}") for n in range(MANY)]
    folder = Path(__file__).parents[3]
    kept = [tracemalloc.Filter(True, f"*/{name}/*") for name in ("uvicorn", "websockets", "starlette")]
    kept += [tracemalloc.Filter(True, str(folder / "server" / "*"))]

    async def come(n: int) -> Raw:
        raw = await Raw.upgrade(server, f"/ws/attempts/{attempts[n]}")
        token = server.token(user=f"user-{n}")
        await raw.send(frame(BINARY, pack("hello", protocol=1, token=token, **HELLO | {"device": f"device-{n}"})))
        await raw.message("welcome")
        return raw

    def used() -> int:
        gc.collect()
        snapshot = tracemalloc.take_snapshot().filter_traces(kept)
        return sum(one.size for one in snapshot.statistics("filename"))

    tracemalloc.start()
    try:
        raws = [await come(0)]
        before = used()
        raws += [await come(n) for n in range(1, MANY)]
        await eventually(lambda: not server._uvicorn.server_state.tasks)
        each = (used() - before) / (MANY - 1)
    finally:
        tracemalloc.stop()
    assert each < MOST_BYTES
    for raw in raws:
        raw.close()


async def test_what_looks_like_a_message_within_a_longer_one_is_none(server: RunningServer) -> None:
    """A short message that comes alone goes past the parser, which must not be in the middle of a frame then."""
    attempt_id = await server.started()
    raw = await Raw.upgrade(server, f"/ws/attempts/{attempt_id}")
    await raw.send(frame(BINARY, pack("hello", protocol=1, token=server.token(), **HELLO)))
    await raw.message("welcome")
    (protocol,) = protocols(server)
    await eventually(lambda: protocol._carrier is not None)
    alike = frame(BINARY, pack("beat", t0_ms=1))
    # The mask is its own inverse: what is masked twice goes over the wire as it is.
    longer = frame(BINARY, frame(BINARY, bytes(150) + alike + b"x")[8:])
    begin = longer.index(alike)
    for part in (longer[:begin], alike, longer[begin + len(alike) :]):
        protocol.data_received(part)
    assert (await raw.message("refused"))["code"] == "trailing_bytes"
    protocol.data_received(frame(BINARY, pack("beat", t0_ms=2)))
    assert (await raw.message("echo"))["t0_ms"] == 2
    raw.close()


async def test_what_comes_in_the_packet_of_the_hello_is_read_however_it_is_cut(start_server: StartServer) -> None:
    # Time must run for whoever waits because she came too often.
    server = await start_server(clock=MovableClock())
    await server.make_test()
    attempt_id = await server.started()
    beat = frame(BINARY, pack("beat", t0_ms=7))
    for cut in range(len(beat) + 1):
        raw = await Raw.upgrade(server, f"/ws/attempts/{attempt_id}")
        said = pack("hello", protocol=1, token=server.token(), **HELLO | {"device": f"device-{cut}"})
        await raw.send(frame(BINARY, said) + beat[:cut])
        await raw.message("welcome")
        await raw.send(beat[cut:])
        assert (await raw.message("echo"))["t0_ms"] == 7
        raw.close()
