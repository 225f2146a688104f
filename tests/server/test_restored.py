"""The database is replaced by an older copy in mid-exam: what its clients still know comes back."""

import asyncio
import shutil
from pathlib import Path
from typing import Any

import pytest

from clients.python.client import Client
from protocol.messages.candidate import Welcome
from storage.backup import back_up
from tests.server.conftest import StartServer
from tests.server.harness.exam import TEST
from tests.server.harness.running import RunningServer
from tests.server.harness.socket import HELLO
from tests.server.harness.waiting import eventually
from tests.server.sockets.test_instructor import row_of
from tests.services.patience import PATIENCE_S


async def saved(server: RunningServer, attempt_id: str) -> dict[str, Any]:
    reply = await server.call("GET", f"/test-attempts/{attempt_id}/answers", server.service)
    return {one["question_id"]: one["value"] for one in reply.ok()["answers"]}


async def restored(server: RunningServer, copy: Path, start_server: StartServer) -> RunningServer:
    """The server again, at the same address, on the older copy of its database."""
    await server.stop()
    file = server.settings.data / "pencilsdown.sqlite3"
    for suffix in ("-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)
    shutil.copy(copy, file)
    return await start_server(port=server.settings.port, data=server.settings.data, clock=server.clock)


async def test_what_a_restored_database_has_forgotten_is_sent_again(start_server: StartServer, tmp_path: Path) -> None:
    server = await start_server()
    await server.make_test()
    attempt_id = await server.make_attempt()
    async with Client(server.settings.url, attempt_id, server.token()) as client:
        await client.start()
        await client.answer("word", "Gauss")
        await client.answer("single", "a")
        await client.answer("fact", "true")
        await back_up(f"sqlite:///{server.settings.data}/pencilsdown.sqlite3", tmp_path / "backup")
        await client.answer("word", "Euler")
        await client.answer("number", "12")
        last = await client.answer("fact", None)
        server = await restored(server, tmp_path / "backup", start_server)
        assert await saved(server, attempt_id) == {"word": "Gauss", "single": "a", "fact": "true"}
        await eventually(lambda: client.connections >= 2 and not client.unsettled)
        assert await saved(server, attempt_id) == {"word": "Euler", "single": "a", "number": "12"}
        welcome: Welcome = await client.welcomed()
        assert welcome.lost_records == 3
        assert welcome.state.seq < last.seq
        async with await server.watch() as watcher:
            await row_of(watcher, attempt_id, lost_records=3)
        log = (await server.call("GET", f"/test-attempts/{attempt_id}/log", server.service)).ok()["entries"]
        connects = [entry["fact"]["seen_seq"] for entry in log if entry["kind"] == "connected"]
        assert connects == [None, last.seq]
        # Coming back once more sends nothing again.
        await client.drop()
        await eventually(lambda: client.connections >= 3)
        assert client.unsettled == 0


async def test_a_log_that_has_grown_as_long_again_is_known_by_its_hashes(
    start_server: StartServer, tmp_path: Path
) -> None:
    """Another device has made it so, with numbers as high: nothing but a hash shows that it is another log."""
    server = await start_server()
    await server.make_test()
    attempt_id = await server.started()
    await back_up(f"sqlite:///{server.settings.data}/pencilsdown.sqlite3", tmp_path / "backup")
    async with await server.sit(attempt_id) as one:
        await one.send("answer", n=1, question_id="word", value="Euler", client_at_ms=0)
        last = await one.until("ack", n=1)
    server = await restored(server, tmp_path / "backup", start_server)
    async with Client(server.settings.url, attempt_id, server.token()) as other:
        for value in ("1", "2"):
            await other.answer("number", value)
        again = await other.answer("number", "3")
    assert (again.seq > last["seq"], again.n > last["n"]) == (True, True)
    seen = {"seen_seq": last["seq"], "seen_head": last["head"]}
    for connect_n, restored_now in ((2, True), (3, False)):
        async with await server.socket(f"/ws/attempts/{attempt_id}") as back:
            hello = HELLO | {"device": one.device, "connect_n": connect_n} | seen
            await back.send("hello", protocol=1, token=server.token(), **hello)
            welcome = await back.until("welcome")
            assert (welcome["restored"], welcome["lost_records"]) == (restored_now, 1)
        # What it has seen begins anew with that welcome.
        seen = {"seen_seq": welcome["state"]["seq"], "seen_head": welcome["state"]["head"]}


@pytest.mark.parametrize("ended", [False, True])
async def test_over_rest_it_is_known_too_also_after_the_end(start_server: StartServer, ended: bool) -> None:
    server = await start_server()
    await server.make_test()
    attempt_id = await server.started()
    path = f"/test-attempts/{attempt_id}"
    state = (await server.call("POST", f"{path}/resume", server.token(), server.arrival())).ok()["state"]
    if ended:
        (await server.call("POST", f"{path}/complete", server.service, {})).ok()
    for head, is_restored in ((state["head"], False), ("00" * 32, True)):
        body = server.arrival(seen_seq=state["seq"], seen_head=head)
        reply = (await server.call("POST", f"{path}/resume", server.token(), body)).ok()
        assert reply["restored"] is is_restored
        assert reply["lost_records"] == (1 if is_restored and not ended else 0)


async def test_that_records_are_lost_is_in_the_list_of_attempts_without_waiting_for_the_next_snapshot(
    start_server: StartServer, tmp_path: Path
) -> None:
    server = await start_server(snapshot_ms=600_000)
    await server.make_test()
    attempt_id = await server.started()
    body = server.arrival(seen_seq=40)
    (await server.call("POST", f"/test-attempts/{attempt_id}/resume", server.token(), body)).ok()

    async with asyncio.timeout(PATIENCE_S):
        while True:
            (row,) = (await server.call("GET", f"/tests/{TEST}/attempts", server.service)).ok()["attempts"]
            if row["lost_records"] == 38:
                break
            await asyncio.sleep(0.02)


async def test_a_start_that_was_forgotten_is_asked_for_again(start_server: StartServer, tmp_path: Path) -> None:
    server = await start_server()
    await server.make_test()
    attempt_id = await server.make_attempt()
    await back_up(f"sqlite:///{server.settings.data}/pencilsdown.sqlite3", tmp_path / "backup")
    async with Client(server.settings.url, attempt_id, server.token()) as client:
        await client.start()
        await client.answer("word", "Euler")
        server = await restored(server, tmp_path / "backup", start_server)
        await eventually(lambda: client.connections >= 2 and not client.unsettled)
        assert (await server.status(attempt_id))["status"] == "in_progress"
        assert await saved(server, attempt_id) == {"word": "Euler"}
