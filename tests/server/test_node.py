"""A node as a whole: a sitting from its first word to its result, and what outlives the node."""

import asyncio
import shutil
from pathlib import Path
from typing import Any

import pytest

from protocol.codes import Code
from server.process.serving import open_node
from storage.errors import AlreadyServed, StorageUnavailable
from storage.log.batch import NotWritten
from tests.server.conftest import StartServer
from tests.server.harness.clock import MovableClock
from tests.server.harness.exam import ANSWERS, SCORE_MPT
from tests.server.harness.running import HOUR_MS, RunningServer
from tests.server.harness.waiting import eventually


async def test_a_sitting_from_hello_to_result(server: RunningServer) -> None:
    attempt_id = await server.make_attempt()
    async with await server.socket(f"/ws/attempts/{attempt_id}") as socket:
        await socket.hello(server.token())
        welcome = await socket.next()
        assert (welcome["t"], welcome["last_n"], welcome["state"]["status"]) == ("welcome", 0, "initiated")
        await socket.send("start", n=1, client_at_ms=0)
        assert (await socket.until("state"))["state"]["status"] == "in_progress"
        await socket.until("ack", n=1)
        for n, (question_id, value) in enumerate(ANSWERS.items(), 2):
            await socket.send("answer", n=n, question_id=question_id, value=value, client_at_ms=n)
        await socket.until("ack", n=1 + len(ANSWERS))
        await socket.send("submit", n=2 + len(ANSWERS), client_at_ms=9)
        state = (await socket.until("state"))["state"]
        assert state["status"] == "submitted"
        assert state["reference"]
        await socket.until("ack", n=2 + len(ANSWERS))
    await server.reaches(attempt_id, "completed")
    result = (await server.call("GET", f"/test-attempts/{attempt_id}/result", server.token())).ok()
    assert (result["complete"], result["score_mpt"], result["reference"]) == (True, SCORE_MPT, state["reference"])


async def test_what_was_acknowledged_outlives_a_crash(start_server: StartServer, tmp_path: Path) -> None:
    """The database as it is on the disk at the moment of the last ack, and a new node on it."""
    first = await start_server()
    await first.make_test()
    attempt_id = await first.started()
    async with await first.sit(attempt_id) as socket:
        for n in range(1, 31):
            await socket.send("answer", n=n, question_id="word", value=f"word {n}", client_at_ms=0)
        await socket.until("ack", n=30)
        before = await first.status(attempt_id)
        shutil.copytree(first.settings.data, tmp_path / "copy")
        second = await start_server(data=tmp_path / "copy")
        async with await second.socket(f"/ws/attempts/{attempt_id}") as again:
            await again.hello(second.token())
            welcome = await again.next()
    assert welcome["last_n"] == 30
    assert [one["value"] for one in welcome["answers"]] == ["word 30"]
    assert welcome["state"]["clocks"][0]["deadline_ms"] == before["clocks"][0]["deadline_ms"]


async def test_a_lost_connection_pauses_where_the_test_says_so(server: RunningServer) -> None:
    await server.make_test("kind", on_disconnect="pause", pause_budget_ms=30_000)
    attempt_id = await server.started(test_id="kind")
    async with await server.sit(attempt_id):
        pass
    paused = await server.reaches(attempt_id, "paused")
    await server.advance(60_000)
    running = await server.reaches(attempt_id, "in_progress")
    assert running["clocks"][0]["deadline_ms"] < server.clock.now_ms() + paused["clocks"][0]["left_ms"], (
        "the budget has an end"
    )


async def test_stopping_commits_and_takes_snapshots(start_server: StartServer) -> None:
    first = await start_server()
    await first.make_test()
    attempt_id = await first.started()
    socket = await first.sit(attempt_id)
    await socket.send("answer", n=1, question_id="word", value="Euler", client_at_ms=0)
    await socket.until("ack", n=1)
    await first.stop()
    await socket.end()
    second = await start_server()
    assert [one.value for one in await second.node.answers.of(attempt_id)] == ["Euler"]
    live = await second.node.registry.get(attempt_id)
    assert live is not None
    assert live.committed.connection_id is None, "her leaving is recorded too"


# The database goes away


async def test_an_outage_is_named_and_healed(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    attempt_id = await server.started()
    away, real = True, server.node.journal._writer.write

    async def write(rows: Any) -> Any:
        if away:
            raise NotWritten("gone")
        return await real(rows)

    async def ping() -> None:
        raise StorageUnavailable("gone")

    async with await server.sit(attempt_id) as socket:
        monkeypatch.setattr(server.node.journal._writer, "write", write)
        monkeypatch.setattr(server.node.database, "ping", ping)
        monkeypatch.setattr(server.node.database, "try_to_write", ping)
        await socket.send("answer", n=1, question_id="word", value="Euler", client_at_ms=0)
        await eventually(lambda: server.node.journal.stats.retries)
        await socket.send("beat", t0_ms=1)
        await socket.until("echo")
        assert not [message for message in socket.skipped if message["t"] in ("ack", "refused")]
        ready = await server.ops("/readyz")
        assert (ready.status, ready.body["missing"]) == (503, ["database"])
        assert (await server.ops("/livez")).status == 200
        away = False
        monkeypatch.undo()
        await socket.until("ack", n=1)
        await server.node.health.look()
        assert (await server.ops("/readyz")).status == 200


async def test_what_cannot_be_read_is_unavailable(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: Any) -> None:
        raise StorageUnavailable("gone")

    attempt_id = await server.make_attempt()
    monkeypatch.setattr(server.node.registry, "get", fail)
    reply = await server.call("GET", f"/test-attempts/{attempt_id}/status", server.token())
    assert (reply.status, reply.code, reply.headers["retry-after"]) == (503, Code.STORAGE_UNAVAILABLE, "1")


async def test_draining_is_not_ready(server: RunningServer) -> None:
    await server.node.drain()
    ready = await server.ops("/readyz")
    assert (ready.status, ready.body["missing"]) == (503, ["draining"])


async def test_a_node_whose_clock_is_off_says_so_and_goes_on(
    start_server: StartServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Its virtual machine stood still for an hour, or the database's clock was set: then every node is off."""
    server = await start_server(clock=MovableClock())

    async def theirs() -> int:
        return server.clock.now_ms() + HOUR_MS

    monkeypatch.setattr(server.node.database, "now_ms", theirs)
    await server.node.housekeeping.follow_clock()
    assert "This node's clock is 3600.0 s off the database's" in caplog.text
    lines = (await server.ops("/metrics")).raw.decode().splitlines()
    (shown,) = [line for line in lines if line.startswith("pencilsdown_clock_off_seconds ")]
    assert float(shown.split()[1]) == pytest.approx(3_600, abs=1)
    assert (await server.ops("/readyz")).status == 200


async def test_forty_who_come_at_once(server: RunningServer) -> None:
    attempts = await asyncio.gather(*(server.started(f"user-{n}") for n in range(40)))
    sockets = await asyncio.gather(*(server.sit(a, f"user-{n}") for n, a in enumerate(attempts)))
    for socket in sockets:
        await socket.send("answer", n=1, question_id="word", value="Euler", client_at_ms=0)
    await asyncio.gather(*(socket.until("ack", n=1) for socket in sockets))
    await asyncio.gather(*(socket.close() for socket in sockets))


async def test_a_second_server_on_an_embedded_database_does_not_start(start_server: StartServer) -> None:
    first = await start_server()
    with pytest.raises(AlreadyServed, match="another server is running"):
        await open_node(first.settings)
    await first.stop()
    await (await open_node(first.settings)).stop()
