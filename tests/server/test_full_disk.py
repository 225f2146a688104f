"""A disk that is full: every call has its answer in time, and nothing is carried out that nobody waits for any more."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from loadtest.drill.process import Impossible
from loadtest.drill.tmpfs import Tmpfs
from protocol.codes import Code
from server.attempts import live, registry
from tests.server.conftest import StartServer
from tests.server.harness.running import RunningServer
from tests.server.harness.waiting import eventually
from tests.services.patience import PATIENCE_S

_PATIENCE_S = 0.5


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Tmpfs]:
    try:
        mounted = Tmpfs(tmp_path / "disk", 4)
    except (Impossible, OSError) as error:
        pytest.skip(f"a disk to fill needs root and mount: {error}")
    yield mounted
    mounted.unmount()


@pytest.fixture
async def on_disk(start_server: StartServer, disk: Tmpfs, monkeypatch: pytest.MonkeyPatch) -> RunningServer:
    monkeypatch.setattr(live, "PATIENCE_S", _PATIENCE_S)
    monkeypatch.setattr(registry, "PATIENCE_S", _PATIENCE_S)
    server = await start_server(data=disk.folder / "data")
    await server.make_test()
    return server


async def fill(server: RunningServer, disk: Tmpfs) -> None:
    """No write succeeds any more: not even the file of the write-ahead log has a page left to be used again."""
    disk.fill()
    await server.node.journal._writer.outlast()
    disk.fill()


async def test_calls_are_refused_in_time_and_not_carried_out_later(on_disk: RunningServer, disk: Tmpfs) -> None:
    server = on_disk
    attempt_id = await server.make_attempt("ada")
    body = {"test_id": "algebra-1", "user_id": "bob"}
    extend = {"command_id": "c1", "add_ms": 60_000, "reason": "noise"}
    running = await server.started("cleo")
    await fill(server, disk)
    async with asyncio.timeout(PATIENCE_S):
        calls = await asyncio.gather(
            server.call("POST", "/test-attempts", server.service, body),
            server.call("POST", f"/test-attempts/{attempt_id}/start", server.service, {}),
            server.call("POST", f"/test-attempts/{running}/extend", server.instructor, extend),
        )
    assert [(reply.status, reply.code) for reply in calls] == [(503, Code.STORAGE_UNAVAILABLE)] * 3
    assert all(reply.headers["retry-after"] for reply in calls)
    await eventually(lambda: server.node.missing == ["database"])
    ready = await server.ops("/readyz")
    assert (ready.status, ready.body["missing"]) == (503, ["database"])
    # Everybody has given up by now, by the node's clock too.
    server.pass_time(60_000)
    disk.drain()
    await eventually(lambda: server.node.missing == [])
    assert (await server.ops("/readyz")).status == 200
    assert (await server.status(attempt_id))["status"] == "initiated", "nobody waits for this start"
    assert (await server.status(running))["clocks"][0]["deadline_ms"] == server_deadline(await server.status(running))
    made = (await server.call("POST", "/test-attempts", server.service, body)).ok()
    assert (made["created"], made["attempt_number"]) == (True, 1), "the first one was never made"


def server_deadline(state: dict[str, int]) -> int:
    return state["started_at_ms"] + 600_000


async def test_a_candidates_answer_is_saved_as_soon_as_there_is_room(on_disk: RunningServer, disk: Tmpfs) -> None:
    server = on_disk
    attempt_id = await server.started()
    answer = {"n": 1, "question_id": "word", "value": "Euler", "client_at_ms": 0}
    async with await server.sit(attempt_id) as socket:
        await fill(server, disk)
        path = f"/test-attempts/{attempt_id}/answers"
        reply = await server.call("POST", path, server.service, {"answers": [answer]})
        assert reply.ok()["refused"][0]["code"] == Code.STORAGE_UNAVAILABLE
        await socket.send("answer", **(answer | {"n": 2, "value": "Gauss"}))
        disk.drain()
        await socket.until("ack", n=2)
    again = await server.call("POST", path, server.service, {"answers": [answer]})
    assert again.ok()["acked"] == [1], "it was saved, and counts once"
    (kept,) = (await server.call("GET", path, server.token())).ok()["answers"]
    assert kept["value"] == "Gauss"
